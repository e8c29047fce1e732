import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { corpusBytes, corpusNames, corpusPath, hasCorpus } from "../read/header/testing/corpus.ts"
import { openDeepReader } from "../samples/exr/deep-reader.ts"
import { headerOf, memoryBytes } from "../samples/exr/testing/opened.ts"
import { OIIOTOOL } from "../samples/exr/testing/tool-planes.ts"
import { nativelySeen } from "./testing/exr-readers.ts"

const folder = mkdtempSync(join(tmpdir(), "native-exr-deep-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Three layers of samples; the middle one has holes, and what is nearest lets half of the others through. */
const layer = (colours: string): readonly string[] => [
  ...["--pattern", `fill:topleft=${colours}:bottomright=0.9,0.1,0.4,0.25,9`, "37x29", "5", "--chnames", "R,G,B,A,Z"],
  "--deepen",
]

function oiiotool(args: readonly string[]): void {
  const run = spawnSync(OIIOTOOL, ["--threads", "1", ...args], { encoding: "utf8", timeout: 60_000 })
  if (run.status !== 0) throw new Error(run.stderr)
}

function deepPicture(compression: string, layout: readonly string[]): string {
  const path = join(folder, "deep.exr")
  const [near, middle, far] = [layer("0.1,0.2,0.3,0.5,2"), layer("0,0,0,0,4"), layer("0.4,0.8,0.6,1,5")]
  const merged = [...near, ...middle, "--deepmerge", ...far, "--deepmerge"]
  oiiotool([...merged, ...layout, "--compression", compression, "-o", path])
  return path
}

const RGB = { part: 0, channels: ["R", "G", "B"] }

/** Rows as the pinned oiiotool flattens them. */
function flattened(path: string): readonly Float32Array[] {
  const flat = join(folder, "flat.exr")
  oiiotool([path, "--flatten", "--ch", "R,G,B", "-d", "float", "--compression", "none", "-o", flat])
  const seen = nativelySeen(flat, headerOf(Uint8Array.from(readFileSync(flat))) ?? expect.fail(), RGB)
  return typeof seen === "string" ? expect.fail(seen) : seen
}

function expectClose(seen: readonly Float32Array[] | string, theirs: readonly Float32Array[]): void {
  const ours = typeof seen === "string" ? expect.fail(seen) : seen
  const differences = ours.map((row, y) => Math.max(...row.map((value, x) => Math.abs(value - (theirs[y]?.[x] ?? 9)))))
  expect(Math.max(...differences)).toBeLessThan(1e-6)
  expect(ours).toHaveLength(theirs.length)
}

describe("deep samples by the library's reader", () => {
  it.each([
    ...["none", "rle", "zips"].map((name) => [name, "scan lines", []] as const),
    ...["none", "zips"].map((name) => [name, "tiles", ["--tile", "16", "16"]] as const),
  ])("packed as %s, in %s, are flattened as oiiotool does", (compression, _, layout) => {
    const path = deepPicture(compression, layout)
    const header = headerOf(Uint8Array.from(readFileSync(path))) ?? expect.fail("the header is refused")
    expect(header.parts[0]?.deep).toBe(true)
    expect((header.parts[0]?.tiles ?? null) === null).toBe(layout.length === 0)
    expectClose(nativelySeen(path, header, RGB), flattened(path))
  })

  it("are those of the reader in JavaScript", () => {
    const path = deepPicture("zips", [])
    const bytes = Uint8Array.from(readFileSync(path))
    const header = headerOf(bytes) ?? expect.fail("the header is refused")
    const theirs: Float32Array[] = []
    const reader = unwrap(openDeepReader(memoryBytes(bytes), header, RGB))
    unwrap(
      reader.readRows({ first: 0, last: 28 }, (_, row) => theirs.push(Float32Array.of(...row.flatMap((p) => [...p])))),
    )
    expect(nativelySeen(path, header, RGB)).toEqual(theirs)
  })

  it("that are cut or contradict themselves are damaged, and end", () => {
    const file = Uint8Array.from(readFileSync(deepPicture("none", [])))
    const header = headerOf(file) ?? expect.fail("the header is refused")
    const path = join(folder, "broken.exr")
    for (let at = (header.spans[0]?.lengthBytes ?? 0) + 29 * 8; at < file.length; at += 97) {
      const broken = Uint8Array.from(file)
      broken[at] = (broken[at] ?? 0) ^ 0xff
      writeFileSync(path, broken)
      const seen = nativelySeen(path, header, RGB)
      if (typeof seen === "string") expect(seen).toBe("picture/damaged")
      else expect(seen).toHaveLength(29)
    }
  })

  const broken = corpusNames("openexr-images/Damaged").filter((name) => name.includes("deep"))

  it.skipIf(!hasCorpus).each(broken)("of %s end typed (skipped where ../shared/corpus is absent)", (name) => {
    for (const { index: part, channels } of headerOf(corpusBytes(`openexr-images/Damaged/${name}`))?.parts ?? []) {
      const [channel = ""] = channels.map((one) => one.name)
      const header = headerOf(corpusBytes(`openexr-images/Damaged/${name}`)) ?? expect.fail()
      const seen = nativelySeen(corpusPath(`openexr-images/Damaged/${name}`), header, { part, channels: [channel] })
      if (typeof seen === "string") expect(["picture/damaged", "picture/over-limit"]).toContain(seen)
    }
  })
})
