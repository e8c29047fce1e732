import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Ended } from "../src/cli/testing/call.ts"
import { decodedPictures } from "../src/picture/encode/mp4/testing/ffmpeg.ts"
import { answers, call, factsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"

// Sequences as nobody wants them, by a real run.

const [NEAR, LAST] = ["9007199254740989", "9007199254740990"]

let frames: Frames
let ran: Ended
beforeAll(async () => {
  frames = openFrames({
    ...{ "case/beauty.1.exr": "window", "case/beauty.2.exr": "shifted" },
    ...{ "case/Beauty.1.exr": "shifted", "case/Beauty.2.exr": "window" },
    ...{ "widths/a.1.exr": "window", "widths/a.2.exr": "window", "widths/a.0002.exr": "shifted" },
    ...{ [`huge/n.${NEAR}.exr`]: "window", [`huge/n.${LAST}.exr`]: "shifted" },
    ...{ "far/n.1.exr": "window", [`far/n.${LAST}.exr`]: "shifted" },
  })
  write("case/beauty.wav", "RIFF, but no WAV")
  write("nothing/.ready", "1-10")
  write("nothing/there.ready", "")
  ran = await call(["run", frames.dir])
})
afterAll(() => frames.remove())

function write(key: string, text: string): void {
  mkdirSync(dirname(frames.path(key)), { recursive: true })
  writeFileSync(frames.path(key), text)
}

const linesOf = (folder: string): readonly string[] => ran.stderr.split("\n").filter((line) => line.startsWith(folder))
const shownIn = async (key: string) => (await decodedPictures(frames.path(key))).map(([, sum]) => sum)
const movieIn = async (folder: string, head: string) =>
  (await factsOf(frames, "movie-made")).filter(({ sequence }) => sequence.folder === folder && sequence.head === head)

describe("run on sequences", () => {
  it("whose names differ in the case of letters alone makes a movie of each, and one WAV is that of one", async () => {
    expect(linesOf("case/")).toEqual([
      "case/Beauty.#.exr  1-2  case/.proxies/Beauty_movie.mp4",
      "case/beauty.#.exr  1-2  case/.proxies/beauty_movie.mp4",
    ])
    const [upper, lower] = [
      await shownIn("case/.proxies/Beauty_movie.mp4"),
      await shownIn("case/.proxies/beauty_movie.mp4"),
    ]
    expect(upper).toEqual(lower.toReversed())
    const [[loud], [silent]] = [await movieIn("case/", "beauty."), await movieIn("case/", "Beauty.")]
    expect(loud?.movie).toMatchObject({ sound: null, warnings: [expect.stringContaining("sound")] })
    expect(silent?.movie).toMatchObject({ sound: null, warnings: [] })
  })

  it("of which a frame has two files that differ in the width of the number makes one movie, and tells", async () => {
    expect(linesOf("widths/")).toEqual(["widths/a.#.exr  1-2  widths/.proxies/a_movie.mp4"])
    expect(await shownIn("widths/.proxies/a_movie.mp4")).toHaveLength(2)
    const [row] = await answers<object>(["sequence", "widths/a.#.exr", "--json", "--dir", frames.dir])
    expect(row).toMatchObject({ is_sound: 0, frames_duplicate: "2", frames_made: "1-2" })
  })

  it("with numbers as great as can be makes a movie, and none that spans all numbers", async () => {
    expect(linesOf("huge/")).toEqual([`huge/n.#.exr  ${NEAR}-${LAST}  huge/.proxies/n_movie.mp4`])
    expect(await shownIn("huge/.proxies/n_movie.mp4")).toHaveLength(2)
    expect(await movieIn("far/", "n.")).toMatchObject([{ movie: null, failure: { code: "sequence/too-long" } }])
    expect(linesOf("far/")).toEqual([expect.stringContaining(`1,${LAST}  missing 2-${NEAR}`)])
  })

  it("that do not exist, of which something is said, makes nothing and says nothing of them", async () => {
    expect(linesOf("nothing/")).toEqual([])
    expect(frames.files().filter((key) => key.startsWith("nothing/"))).toEqual([
      "nothing/.ready",
      "nothing/there.ready",
    ])
    expect(ran.code).toBe(0)
  })
})
