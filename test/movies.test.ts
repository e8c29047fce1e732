import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Ended } from "../src/cli/testing/call.ts"
import { decodedPictures, ffmpeg } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { brokenTool, realTool } from "../src/picture/engines/testing/broken-tool.ts"
import { call, factsOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames, samplePath } from "./machine/frames.ts"
import { start } from "./machine/process.ts"

/** A shot of four frames of which the third never came, a still, and a texture. */
let frames: Frames
let first: Ended
beforeAll(async () => {
  frames = openFrames({
    "sh010/beauty.1001.exr": "window",
    "sh010/beauty.1002.exr": "shifted",
    "sh010/beauty.1004.exr": "stretched",
    "sh010/slate.exr": "window",
    "textures/wood.1001.exr": "window",
  })
  first = await run()
})
afterAll(() => frames.remove())

const MOVIE = "sh010/.proxies/beauty_movie.mp4"
const MANIFEST = "sh010/.proxies/beauty_sequence.json"
const [POSTER, SPRITES, CUES] = ["poster.jpg", "sprites.jpg", "sprites.vtt"].map(
  (name) => `sh010/.proxies/beauty_${name}`,
) as [string, string, string]
const LINE = /^sh010\/beauty\.#\.exr {2}1001-1002,1004 {2}missing 1003 {2}sh010\/\.proxies\/beauty_movie\.mp4$/m

const run = (...flags: readonly string[]) => call(["run", frames.dir, ...flags])
const at = (key: string): string => frames.path(key)
const proxy = (frame: number): string => at(`sh010/.proxies/beauty.${frame}_proxy.mp4`)

const FILE = "beauty_sprites.jpg"

const shownIn = async (path: string): Promise<readonly string[]> => (await decodedPictures(path)).map(([, sum]) => sum)

const shownAlone = async (...numbers: readonly number[]): Promise<readonly string[]> =>
  (await Promise.all(numbers.map((frame) => shownIn(proxy(frame))))).flat()

/** The picture of a thumbnail, in the size of a cell. */
async function pictureOf(frame: number): Promise<Buffer> {
  const made = await factsOf(frames, "proxy-made")
  const { thumbnail } = made.find(({ element }) => element.key === `sh010/beauty.${frame}.exr`) ?? {}
  if (thumbnail === undefined) throw new Error(`Frame ${frame} is not made.`)
  const { pictureX: left, pictureY: top, pictureWidth: width, pictureHeight: height } = thumbnail
  return sharp(at(thumbnail.key))
    .extract({ left, top, width, height })
    .resize(133, 100, { fit: "fill" })
    .raw()
    .toBuffer()
}

/** Mean difference of code values. */
const differenceOf = (one: Uint8Array, other: Uint8Array): number =>
  one.length === other.length
    ? one.reduce((sum, value, index) => sum + Math.abs(value - (other[index] ?? 0)), 0) / one.length
    : Number.POSITIVE_INFINITY

describe("run on a folder with a shot", () => {
  it("ends with a movie beside its frames and a line that says what is missing", () => {
    expect(first).toMatchObject({ code: 0, stdout: "" })
    expect(first.stderr).toMatch(LINE)
    expect(frames.files().filter((key) => /\.proxies\/beauty_/.test(key))).toEqual([
      MOVIE,
      POSTER,
      MANIFEST,
      SPRITES,
      CUES,
    ])
  })

  it("whose every frame is bit for bit its own proxy's, held where one is missing", async () => {
    expect(await shownIn(at(MOVIE))).toEqual(await shownAlone(1001, 1002, 1002, 1004))
  })

  it("whose poster is the middle frame as a player shows it, as large as the movie", async () => {
    const { data, info } = await sharp(at(POSTER)).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 320, height: 180, channels: 3 })
    expect((await sharp(at(POSTER)).metadata()).hasProfile).toBe(true)
    // The fourth party: swscale's accurate conversion, of the proxy that is the middle one of the three.
    const convert =
      "scale=in_color_matrix=bt709:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int+full_chroma_inp"
    const converted = (frame: number) =>
      ffmpeg("-i", proxy(frame), "-vf", convert, "-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
    expect(differenceOf(data, (await converted(1002)).out)).toBeLessThan(2)
    expect(differenceOf(data, (await converted(1001)).out)).toBeGreaterThan(4)
  })

  it("whose scrub sheet has a cell for each picture, and cues that say when each is shown", async () => {
    const [first, second, third] = [
      `${FILE}#xywh=0,0,133,100`,
      `${FILE}#xywh=133,0,133,100`,
      `${FILE}#xywh=0,100,133,100`,
    ]
    expect(readFileSync(at(CUES), "utf8").split("\n")).toEqual([
      ...["WEBVTT", "", "00:00:00.000 --> 00:00:00.041", first, ""],
      ...["00:00:00.041 --> 00:00:00.125", second, ""],
      ...["00:00:00.125 --> 00:00:00.166", third, ""],
    ])
    expect(await sharp(at(SPRITES)).metadata()).toMatchObject({ width: 266, height: 200, hasProfile: true })
    for (const [left, frame, other] of [
      [0, 1001, 1002],
      [133, 1002, 1001],
    ] as const) {
      const cell = await sharp(at(SPRITES)).extract({ left, top: 0, width: 133, height: 100 }).raw().toBuffer()
      const difference = differenceOf(cell, await pictureOf(frame))
      expect(difference).toBeLessThan(6)
      expect(differenceOf(cell, await pictureOf(other))).toBeGreaterThan(2 * difference)
    }
  })

  it("whose manifest lists what it is made of", () => {
    const manifest: unknown = JSON.parse(readFileSync(at(MANIFEST), "utf8"))
    expect(manifest).toMatchObject({
      ...{ made: "1001-1002,1004", missing: "1003", gaps: "hold" },
      movie: { frames: 4, held: "1003", timecode: "00:00:41:17", frameRate: { num: 24, den: 1 } },
      files: { movie: MOVIE, poster: POSTER, sprites: SPRITES, sprites_vtt: CUES },
      warnings: [],
      frames: [1001, 1002, 1004].map((frame) => ({
        frame,
        key: `sh010/beauty.${frame}.exr`,
        contentHash: expect.stringMatching(/^[0-9a-f]{32}$/),
        proxy: { key: `sh010/.proxies/beauty.${frame}_proxy.mp4`, sizeBytes: statSync(proxy(frame)).size },
      })),
    })
  })

  it("which `sequences` lists, without the still", async () => {
    const { code, stdout } = await call(["sequences", frames.dir, "--json"])
    const [row, ...others] = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line))
    expect({ code, others }).toEqual({ code: 0, others: [] })
    const told = {
      folder: "sh010/",
      head: "beauty.",
      tail: ".exr",
      frames_made: "1001-1002,1004",
      frames_missing: "1003",
    }
    const beside = { poster_key: POSTER, sprites_key: SPRITES, sprites_vtt_key: CUES }
    expect(row).toMatchObject({
      ...told,
      ...beside,
      state: "made",
      movie_key: MOVIE,
      manifest_key: MANIFEST,
      movie_frames: 4,
    })
    expect((await call(["sequences", frames.dir])).stdout).toMatch(
      /^\S+ +sh010\/beauty\.#\.exr +1001-1002,1004 +1003 /m,
    )
  })

  it("stitches nothing the second time", async () => {
    const before = statSync(at(MOVIE)).mtimeMs
    const again = await run()
    expect(again.stderr).toMatch(/^Nothing to do: 5 frames up to date\.$/m)
    expect(again.stderr).toMatch(LINE)
    expect(statSync(at(MOVIE)).mtimeMs).toBe(before)
    expect(await factsOf(frames, "movie-made")).toHaveLength(1)
  })

  it("makes the movie anew for a frame that came late, which then gives the bytes of a run in one go", async () => {
    frames.add("sh010/beauty.1003.exr", "rings")
    const late = await run()
    expect(late.stderr).toMatch(/^sh010\/beauty\.#\.exr {2}1001-1004 {2}sh010/m)
    expect(await shownIn(at(MOVIE))).toEqual(await shownAlone(1001, 1002, 1003, 1004))
    const other = openFrames()
    for (const [frame, sample] of [
      [1001, "window"],
      [1002, "shifted"],
      [1003, "rings"],
      [1004, "stretched"],
    ] as const)
      other.add(`sh010/beauty.${frame}.exr`, sample)
    expect((await call(["run", other.dir])).code).toBe(0)
    expect(readFileSync(other.path(MOVIE)).equals(readFileSync(at(MOVIE)))).toBe(true)
    other.remove()
  })

  it("for one that was replaced, and without one that was removed", async () => {
    copyFileSync(samplePath("window"), at("sh010/beauty.1002.exr"))
    rmSync(at("sh010/beauty.1004.exr"))
    const changed = await run()
    expect(changed.stderr).toMatch(/^sh010\/beauty\.#\.exr {2}1001-1003 {2}sh010/m)
    expect(await shownIn(at(MOVIE))).toEqual(await shownAlone(1001, 1002, 1003))
  })

  it("makes it again from the log alone where somebody deleted the state's tables", async () => {
    expect(await call(["rebuild", frames.dir])).toMatchObject({ code: 0 })
    expect((await run()).stderr).toMatch(/^sh010\/beauty\.#\.exr {2}1001-1003 {2}sh010/m)
  })

  it("makes none where the rules say that nothing is a sequence", async () => {
    const other = openFrames({ "a.1.exr": "window", "a.2.exr": "shifted" })
    const file = join(other.dir, "..", "settings.yaml")
    writeFileSync(file, "sequenceRules:\n  - prefix: ''\n    sequence: never\n")
    expect((await call(["run", other.dir, "--config", file])).code).toBe(0)
    expect(other.files().filter((key) => key.endsWith("_movie.mp4"))).toEqual([])
    other.remove()
  })
})

it("run joins proxies as they are, and has no encoder started: one picture is decoded, for the poster", async () => {
  const other = openFrames({ "a.1.exr": "window", "a.2.exr": "shifted", "a.3.exr": "stretched" })
  const log = other.beside("ffmpeg.log")
  const script = `printf '%s\\n' "$*" >> '${log}'\nexec '${await realTool("ffmpeg")}' "$@"`
  const told = await brokenTool(mkdtempSync(other.beside("tool-")), "ffmpeg", script)
  expect((await call(["run", other.dir, "--ffmpeg", told])).code).toBe(0)
  expect(await shownIn(other.path(".proxies/a_movie.mp4"))).toHaveLength(3)
  const works = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes(" -i "))
  expect(works).toEqual([expect.stringMatching(/ -i \S+ -map 0:v:0 -frames:v 1 -vf zscale=\S+ -f rawvideo \S+$/)])
  other.remove()
})

it("run --watch makes movies once it was quiet, and again when frames come later", async () => {
  const other = openFrames({ "a.1.exr": "window", "a.2.exr": "shifted" })
  const env = { OIIO_SEQUENCE_QUIET_SECONDS: "2" }
  const running = start(["run", other.dir, "--watch", "--watch-quiet-seconds", "1"], { env })
  const movies = async () => (await factsOf(other, "movie-made")).map(({ made }) => made)
  await eventually("the movie is there", async () => (await movies()).includes("1-2"))
  other.add("a.3.exr", "stretched")
  await eventually("the movie is made anew", async () => (await movies()).includes("1-3"))
  expect(await shownIn(other.path(".proxies/a_movie.mp4"))).toHaveLength(3)
  running.send("SIGTERM")
  expect((await running.ended).code).toBe(0)
  other.remove()
})
