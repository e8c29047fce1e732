import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Ended } from "../src/cli/testing/call.ts"
import { decodedPictures } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

/** Six folders of two frames each, and beside them whatever states something of them. */
let frames: Frames
let first: Ended
beforeAll(async () => {
  frames = openFrames()
  for (const folder of ["ready", "otio", "mhl", "lies", "rule", "black"]) {
    frames.add(`${folder}/a.1001.exr`, "window")
    frames.add(`${folder}/a.1002.exr`, "shifted")
  }
  write("ready/.ready", "1001-1003\n")
  write("otio/edit.otio", JSON.stringify(timeline(clip("./"))))
  write("mhl/ascmhl/0001_mhl_2026-04-01_120000Z.mhl", hashList("a.1001.exr", "a.1002.exr", "a.1003.exr"))
  write("lies/edit.otio", JSON.stringify(timeline(clip("../ready/"), clip("file:///etc/"))))
  write("lies/ascmhl/0001_lies_2026-04-01_120000Z.mhl", hashList("../ready/a.1001.exr"))
  write("lies/a.ready", "1".repeat(100_000))
  write("none/b.ready", "1-10")
  write("../settings.yaml", SETTINGS)
  first = await run()
})
afterAll(() => frames.remove())

const SETTINGS =
  "sequenceStated:\n  - prefix: rule/\n    frames: 1001-1004\n    gaps: skip\n  - prefix: black/\n    frames: 1001-1003\n    gaps: black\n"

const run = () => call(["run", frames.dir, "--config", frames.path("../settings.yaml")])

function write(key: string, text: string): void {
  mkdirSync(dirname(frames.path(key)), { recursive: true })
  writeFileSync(frames.path(key), text)
}

const time = (value: number) => ({ OTIO_SCHEMA: "RationalTime.1", rate: 24, value })

const clip = (base: string) => ({
  OTIO_SCHEMA: "Clip.2",
  name: "a",
  source_range: null,
  active_media_reference_key: "DEFAULT_MEDIA",
  media_references: {
    DEFAULT_MEDIA: {
      OTIO_SCHEMA: "ImageSequenceReference.1",
      available_range: { OTIO_SCHEMA: "TimeRange.1", start_time: time(0), duration: time(3) },
      target_url_base: base,
      ...{ name_prefix: "a.", name_suffix: ".exr", start_frame: 1001, frame_step: 1, rate: 24 },
      ...{ frame_zero_padding: 4, missing_frame_policy: "hold" },
    },
  },
})

const timeline = (...clips: readonly object[]) => ({
  OTIO_SCHEMA: "Timeline.1",
  tracks: { OTIO_SCHEMA: "Stack.1", children: [{ OTIO_SCHEMA: "Track.1", kind: "Video", children: clips }] },
})

const hashList = (...paths: readonly string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">\n<hashes>${paths
    .map((path) => `<hash><path size="1">${path}</path><md5>d41d8cd98f00b204e9800998ecf8427e</md5></hash>`)
    .join("")}</hashes>\n</hashlist>\n`

const movieIn = async (folder: string) =>
  (await factsOf(frames, "movie-made"))
    .filter(({ sequence }) => sequence.folder === `${folder}/`)
    .map(({ stated, missing, movie }) => ({ stated, missing, frames: movie?.frames }))

describe("run on a folder in which something is stated of the frames", () => {
  it.each(["ready", "otio", "mhl"])("makes the movie of what %s states, one frame held", async (folder) => {
    expect(await movieIn(folder)).toEqual([{ stated: "1001-1003", missing: "1003", frames: 3 }])
    expect(first.stderr).toMatch(new RegExp(`^${folder}/a\\.#\\.exr {2}1001-1002 {2}missing 1003 {2}`, "m"))
  })

  it("believes what a rule of the settings states, its choice for gaps included", async () => {
    expect(await movieIn("rule")).toEqual([{ stated: "1001-1004", missing: "1003-1004", frames: 2 }])
  })

  it("shows black in the place of a missing frame where a rule asks for that, and lists it", async () => {
    expect(await movieIn("black")).toEqual([{ stated: "1001-1003", missing: "1003", frames: 3 }])
    const [made] = (await factsOf(frames, "movie-made")).filter(({ gaps }) => gaps === "black")
    const { width = 0, height = 0, held, key = "" } = made?.movie ?? {}
    const [luma, chroma] = [Buffer.alloc(width * height, 16), Buffer.alloc((width * height) / 2, 128)]
    const black = createHash("md5").update(luma).update(chroma).digest("hex")
    const shown = (await decodedPictures(frames.path(key))).map(([, sum]) => sum === black)
    expect({ held, shown }).toEqual({ held: "1003", shown: [false, false, true] })
    const manifest: unknown = JSON.parse(readFileSync(frames.path("black/.proxies/a_sequence.json"), "utf8"))
    expect(manifest).toMatchObject({ gaps: "black", missing: "1003", movie: { held: "1003" } })
  })

  it("warns of files that lie, are too large or lead elsewhere, by their names, and believes none of them", async () => {
    expect(await movieIn("lies")).toEqual([{ stated: "", missing: "", frames: 2 }])
    for (const name of ["edit.otio", "ascmhl/0001_lies_2026-04-01_120000Z.mhl", "a.ready"])
      expect(first.stderr).toMatch(new RegExp(`^warning: lies/${name}: It `, "m"))
  })

  it("tells of each once, however often it is run", async () => {
    const told = await factsOf(frames, "hint-reported")
    expect((await run()).stderr).toMatch(/^Nothing to do: 12 frames up to date\.$/m)
    expect(await factsOf(frames, "hint-reported")).toHaveLength(told.length)
    expect(await factsOf(frames, "movie-made")).toHaveLength(6)
  })

  it("hears of frames that were stated before any of them was there", async () => {
    frames.add("none/b.1.exr", "window")
    frames.add("none/b.2.exr", "shifted")
    expect((await run()).stderr).toMatch(/^none\/b\.#\.exr {2}1-2 {2}missing 3-10 {2}/m)
    expect(await movieIn("none")).toEqual([{ stated: "1-10", missing: "3-10", frames: 10 }])
  })

  it("makes a revision where the object says something else, and where it is gone", async () => {
    write("ready/.ready", "1001-1002\n")
    await run()
    expect((await movieIn("ready")).at(-1)).toEqual({ stated: "1001-1002", missing: "", frames: 2 })
    rmSync(frames.path("otio/edit.otio"))
    write("ready/a.wav", "no WAV")
    const { stderr } = await run()
    expect(stderr).toMatch(/^Nothing to do: 14 frames up to date\.$/m)
    expect((await movieIn("otio")).at(-1)).toEqual({ stated: "", missing: "", frames: 2 })
    const heard = (await factsOf(frames, "movie-made")).filter(({ sequence }) => sequence.folder === "ready/")
    expect(heard.slice(-2).map(({ movie }) => movie?.warnings)).toEqual([[], [expect.stringContaining("no sound")]])
  })
})
