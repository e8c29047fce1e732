import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { corpusBytes, corpusNames, corpusPath, hasCorpus } from "../read/header/testing/corpus.ts"
import { headerOf } from "../samples/exr/testing/opened.ts"
import { OIIOTOOL, toolPlanes } from "../samples/exr/testing/tool-planes.ts"
import { nativelySeen, threeOf } from "./testing/exr-readers.ts"

const folder = mkdtempSync(join(tmpdir(), "native-exr-written-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COMPRESSIONS = ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"]
const NEWER = ["htj2k256", "htj2k32", "lj2k", "zstd"]

/** A noisy picture of five channels, as the pinned oiiotool packs it. */
function packedPicture(compression: string, type: string, layout: readonly string[]): string {
  const path = join(folder, "packed.exr")
  const corners = "fill:topleft=0.1,0.9,0.3,1,5:topright=1.2,0.1,0.5,0,9:bottomleft=0,2,4,1,2:bottomright=0,0,1,0,0"
  const picture = ["--pattern", corners, "93x70", "5", "--noise:type=gaussian:stddev=0.05", "--chnames", "R,G,B,A,Z"]
  const run = spawnSync(
    OIIOTOOL,
    ["--threads", "1", ...picture, ...layout, "-d", type, "--compression", compression, "-o", path],
    { encoding: "utf8", timeout: 60_000 },
  )
  if (run.status !== 0) throw new Error(run.stderr)
  return path
}

const LAYERED = [
  "R",
  "G",
  "B",
  "A",
  "Z",
  "diffuse.R",
  "diffuse.G",
  "diffuse.B",
  "spec.G",
  "spec.Y",
  "sss.R",
  "sss.G",
  "sss.B",
]

/** The picture with more channels of other layers: sets of three, single colours, alpha and data. */
function layeredPicture(compression: string): string {
  const path = join(folder, "layered.exr")
  const flat = packedPicture("zip", "half", [])
  const order = "R,G,B,A,Z,B,R,G,G,R,G,B,R"
  const run = spawnSync(
    OIIOTOOL,
    ["--threads", "1", flat, "--ch", order, "--chnames", LAYERED.join(","), "--compression", compression, "-o", path],
    { encoding: "utf8", timeout: 60_000 },
  )
  if (run.status !== 0) throw new Error(run.stderr)
  return path
}

/** What both see of three channels: rows of R, G and B. */
function bothSeen(path: string, part: number, channels: readonly string[]) {
  const header = headerOf(Uint8Array.from(readFileSync(path))) ?? expect.fail("the header is refused")
  const planes = toolPlanes(path, { part, channels })
  const { dataWindow } = header.parts[part] ?? expect.fail("the part is missing")
  const width = dataWindow.xMax - dataWindow.xMin + 1
  const rows = Array.from({ length: dataWindow.yMax - dataWindow.yMin + 1 }, (_, row) =>
    Float32Array.of(...planes.flatMap((plane) => [...plane.subarray(row * width, (row + 1) * width)])),
  )
  return { header, ours: nativelySeen(path, header, { part, channels }, { limitBytes: 256 * 2 ** 20 }), theirs: rows }
}

describe("the library's reader gives the numbers that oiiotool reads", () => {
  it.each([...COMPRESSIONS, ...NEWER].flatMap((name) => ["half", "float"].map((type) => [name, type] as const)))(
    "of scan lines in %s, %s",
    (compression, type) => {
      const seen = bothSeen(packedPicture(compression, type, []), 0, ["R", "G", "Z"])
      expect(seen.header.parts[0]?.compression).toBe(compression)
      expect(seen.ours).toEqual(seen.theirs)
    },
  )

  it.each([...COMPRESSIONS, ...NEWER])("of tiles in %s", (compression) => {
    const seen = bothSeen(packedPicture(compression, "half", ["--tile", "32", "48"]), 0, ["B", "G", "R"])
    expect(seen.header.parts[0]?.tiles?.width).toBe(32)
    expect(seen.ours).toEqual(seen.theirs)
  })

  it.each(["dwaa", "dwab", "zip", "rle", "none"])(
    "of any channels of many in %s, whichever are left out",
    (compression) => {
      const path = layeredPicture(compression)
      const shown = [...LAYERED.map((name) => [name, name, name]), LAYERED.slice(5, 8), ["sss.R", "Z", "spec.Y"]]
      for (const channels of shown) {
        const { ours, theirs } = bothSeen(path, 0, [...new Set(channels)])
        expect(ours).toEqual(
          new Set(channels).size === 3 ? theirs : theirs.map((row) => Float32Array.of(...row, ...row, ...row)),
        )
      }
    },
  )

  const FOLDERS = ["Chromaticities", "ScanLines", "TestImages"]
  const published = FOLDERS.flatMap((name) =>
    corpusNames(`openexr-images/${name}`).map((file) => `openexr-images/${name}/${file}`),
  ).filter((name) => name.endsWith(".exr"))

  it.skipIf(!hasCorpus).for(published)("of %s (skipped where ../shared/corpus is absent)", (name, { skip }) => {
    const [part] = headerOf(corpusBytes(name))?.parts ?? []
    if (part === undefined || part.channels.some(({ xSampling, ySampling }) => xSampling * ySampling > 1))
      return skip("is subsampled, which oiiotool does not read")
    if (part.dataWindow.xMax - part.dataWindow.xMin > 1100) return skip("is large")
    const channels = [...new Set(threeOf(part.channels.map((channel) => channel.name)))]
    const { ours, theirs } = bothSeen(corpusPath(name), 0, channels)
    expect(ours).toEqual(channels.length === 3 ? theirs : theirs.map((row) => Float32Array.of(...row, ...row, ...row)))
  })
})

const READING = `
const { readFileSync } = await import("node:fs")
const { headerOf } = await import("./src/picture/samples/exr/testing/opened.ts")
const { openNativeExr } = await import("./src/picture/native/exr.ts")
const { libraryPath, loadNativeLibrary } = await import("./src/picture/native/library.ts")
const [path] = process.argv.slice(1)
const library = loadNativeLibrary(libraryPath(process.cwd())).value
const header = headerOf(Uint8Array.from(readFileSync(path)))
const reader = openNativeExr(library, { path, header, selection: { part: 0, channels: ["R", "G", "B"] } }).value
console.log(reader.readRows({ first: 0, last: reader.height - 1 }, () => {}).failure.code)
`

it("OpenJPH remarks nothing on a damaged file where a process answers", () => {
  const path = packedPicture("htj2k256", "half", [])
  const file = readFileSync(path)
  file.fill(0xa5, file.length - 200)
  writeFileSync(path, file)
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", READING, path], {
    encoding: "utf8",
    timeout: 60_000,
  })
  expect(run).toMatchObject({ stdout: "picture/damaged\n", stderr: "" })
})
