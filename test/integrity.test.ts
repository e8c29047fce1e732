import { createHash } from "node:crypto"
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { createXXHash128 } from "hash-wasm"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { IntegrityReport } from "../src/events/records.generated.ts"
import { type Listed, readHashList } from "../src/sequence/mhl/read.ts"
import { call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames, samplePath } from "./machine/frames.ts"
import { type ShotFrame, shotExr, shotFrame } from "./machine/shot-frames.ts"

// A clean shot, and one with a defect of each kind, through a real run.

const FIRST = 1001
const LAST = 1036

const DEFECTS: Readonly<Record<number, Partial<ShotFrame>>> = {
  1009: { width: 48, height: 27 },
  1011: { origin: 8 },
  1013: { pixelType: "float" },
  1015: { compression: "zip" },
  1017: { channels: ["A", "B", "G", "R"] },
  1019: { primaries: "ap1" },
  1021: { rate: 25 },
  1023: { timecode: 5000 },
  1025: { light: 0 },
  1026: { light: 0.002 },
  1027: { pixelAspect: 2 },
  1031: { notFinite: 3 },
  1033: { channels: ["Y"] },
  // The picture of the frame before in other bytes.
  1035: { frame: 1034 },
}

const list = (ranges: string, count: number) => ({ ranges, count, more: 0 })
const of = (trait: string, frame: number, usual: string, value: string) => ({
  ...{ trait, usual, frames: list(`${frame}`, 1) },
  others: [{ value, frames: list(`${frame}`, 1) }],
})

let frames: Frames
const nameOf = (frame: number, digits = 4): string => `beauty.${String(frame).padStart(digits, "0")}.exr`

function write(folder: string, name: string, shot: ShotFrame): void {
  mkdirSync(frames.path(folder), { recursive: true })
  writeFileSync(frames.path(`${folder}/${name}`), shotExr(shot))
}

beforeAll(async () => {
  frames = openFrames()
  for (let frame = FIRST; frame <= LAST; frame++) {
    write("clean", nameOf(frame), shotFrame(frame))
    if (frame !== 1003) write("torn", nameOf(frame), shotFrame(frame, DEFECTS[frame]))
  }
  copyFileSync(samplePath("damaged"), frames.path(`torn/${nameOf(1005)}`))
  write("torn", nameOf(1007, 6), shotFrame(1007))
  copyFileSync(frames.path(`torn/${nameOf(1028)}`), frames.path(`torn/${nameOf(1029)}`))
  const settings = frames.beside("settings.yaml")
  writeFileSync(settings, "sourceSha256: true\nsequenceStated:\n  - prefix: torn/\n    firstFrame: 1000\n")
  const ran = await call(["run", frames.dir, "--config", settings])
  expect(ran.code).toBe(1)
})
afterAll(() => frames.remove())

async function reportOf(folder: string): Promise<IntegrityReport> {
  const { code, stdout } = await call(["sequence", `${folder}/beauty.####.exr`, "--dir", frames.dir, "--json"])
  expect(code).toBe(0)
  return (JSON.parse(stdout) as { report: IntegrityReport }).report
}

describe("a shot with a defect of each kind", () => {
  it("is reported with each, in exactly the frames that have it", async () => {
    const report = await reportOf("torn")
    expect(report).toMatchObject({
      ...{ isSound: false, range: { first: 1001, last: 1036 }, rate: { num: 24, den: 1 } },
      made: list("1001-1002,1004,1006-1036", 34),
      missing: list("1003", 1),
      failed: [{ code: expect.stringMatching(/^picture\//), frames: list("1005", 1) }],
      duplicates: list("1007", 1),
      firstFrame: { expected: 1000, found: 1001 },
      timecodes: { first: "00:00:41:17", jumps: list("1023-1024,1029-1030", 4), without: list("", 0) },
      black: list("1025", 1),
      nearlyBlack: list("1026", 1),
      frozen: list("1029", 1),
      alike: list("1035", 1),
      nonFinite: { frames: list("1031", 1), samples: 3 },
      unhashed: list("", 0),
      outside: list("", 0),
    })
    expect(Object.fromEntries(report.drift.map((drift) => [drift.trait, drift]))).toEqual({
      size: of("size", 1009, "64x36", "48x27"),
      displayWindow: of("displayWindow", 1011, "(0,0)-(63,35)", "(8,8)-(71,43)"),
      dataWindow: of("dataWindow", 1011, "(0,0)-(63,35)", "(8,8)-(71,43)"),
      depth: of("depth", 1013, "half", "float"),
      compression: of("compression", 1015, "zips", "zip"),
      pixelAspect: of("pixelAspect", 1027, "1", "2"),
      channels: of("channels", 1033, "R,G,B", "Y,Y,Y"),
      allChannels: {
        ...{ trait: "allChannels", usual: "B,G,R", frames: list("1017,1033", 2) },
        others: [
          { value: "A,B,G,R", frames: list("1017", 1) },
          { value: "Y", frames: list("1033", 1) },
        ],
      },
      colorspace: of("colorspace", 1019, "lin_rec709", "ACEScg"),
      rate: of("rate", 1021, "24/1", "25/1"),
    })
  })

  it("is drawn, with gaps, failures and findings marked", async () => {
    const { code, stdout } = await call(["sequence", "torn/beauty.1001.exr", "--dir", frames.dir])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^1001 ==\.=x=!=!=!=!=!=!=!=!=!!!!!=!!!=!=!= 1036$/m)
    for (const line of [
      /^missing +1003$/m,
      /^two files +1007$/m,
      /^frozen +1029$/m,
      /^first frame +1001, expected 1000$/m,
    ])
      expect(stdout).toMatch(line)
    expect(stdout).toMatch(/Not sound: see above\.\n$/)
  })

  it("is reported as SpaceHarbor has it", async () => {
    const { stdout } = await call(["sequence", "torn/beauty", "--dir", frames.dir, "--form", "space-harbor"])
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ status: "invalid", start_frame: 1001, end_frame: 1036, missing_frames: list("1003", 1) },
      ...{ first_frame_mismatch: { expected: 1000, found: 1001 }, checksums: { status: "complete", frames: 34 } },
    })
  })

  it("has the same row after a rebuild, and its findings in columns", async () => {
    const rows = async () =>
      (await call(["sequences", frames.dir, "--json"])).stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
    const before = await rows()
    expect(before.find(({ folder }) => folder === "torn/")).toMatchObject({
      ...{
        is_sound: 0,
        first_frame: 1001,
        first_frame_expected: 1000,
        frames_duplicate: "1007",
        frames_frozen: "1029",
      },
      ...{
        frames_black: "1025",
        frames_non_finite: "1031",
        non_finite_samples: 3,
        frames_timecode_jump: "1023-1024,1029-1030",
      },
    })
    expect((await call(["rebuild", frames.dir])).code).toBe(0)
    expect(await rows()).toEqual(before)
  })
})

it("the sources are listed in an ASC MHL 2.0 list, as the bytes that are there", async () => {
  const { code, stdout } = await call(["sequences", frames.dir, "--mhl"])
  expect(code).toBe(0)
  const listed: Listed[] = []
  for await (const entry of readHashList(piecesOf(stdout))) listed.push(entry)
  expect(listed).toHaveLength(36 + 35)
  const [first] = listed
  const path = `clean/${nameOf(1001)}`
  const hash = await createXXHash128()
  const xxh128 = hash
    .init()
    .update(readFileSync(frames.path(path)))
    .digest("hex")
  expect(first).toMatchObject({ kind: "file", path, sizeBytes: statSync(frames.path(path)).size })
  expect(first?.kind === "file" ? first.hashes.get("xxh128") : null).toBe(xxh128)
})

it("the SHA-256 of the sources is in their facts, outputs and manifests, where it is wished for", async () => {
  const source = `clean/${nameOf(1001)}`
  const contentSha256 = createHash("sha256")
    .update(readFileSync(frames.path(source)))
    .digest("hex")
  const facts = await factsOf({ dir: frames.dir }, "proxy-made")
  expect(facts.find(({ element }) => element.key === source)).toMatchObject({ contentSha256 })
  const manifest = JSON.parse(readFileSync(frames.path("clean/.proxies/beauty_sequence.json"), "utf8"))
  expect(manifest.frames).toHaveLength(36)
  expect(manifest.frames[0]).toMatchObject({ key: source, contentSha256 })
  const told = await call(["sequence", source, "--dir", frames.dir, "--json"])
  expect(told.stderr).toBe("")
  const { frames: listed } = JSON.parse(told.stdout)
  const { sourceVersion, contentHash } = manifest.frames[0]
  expect(listed).toHaveLength(36)
  expect(listed[0]).toEqual({ frame: 1001, key: source, sourceVersion, contentHash, contentSha256 })
  expect(listed.map(({ contentHash }: { contentHash: string }) => contentHash)).toEqual(
    manifest.frames.map(({ contentHash }: { contentHash: string }) => contentHash),
  )
})

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

describe("a clean shot", () => {
  it("is sound", async () => {
    expect(await reportOf("clean")).toMatchObject({
      ...{ isSound: true, made: list("1001-1036", 36), drift: [], failed: [], firstFrame: null },
      ...{ alike: list("", 0), unhashed: list("", 0) },
    })
  })
})

it("a name that means none, or several, is bad usage", async () => {
  const none = await call(["sequence", "nosuch", "--dir", frames.dir])
  expect(none).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("There is no sequence nosuch") })
  const near = await call(["sequence", "clean/beuty.#.exr", "--dir", frames.dir])
  expect(near.stderr).toContain('Did you mean "clean/beauty.#.exr"?')
  const several = await call(["sequence", "beauty", "--dir", frames.dir])
  expect(several).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("clean/beauty.#.exr or s3://") })
})
