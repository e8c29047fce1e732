import { describe, expect, it } from "vitest"
import { planReview, SEGMENT_FRAMES } from "./plan.ts"
import { escaped, shortened } from "./subtitles.ts"
import { framesFrom, orderOf } from "./testing/review-fixture.ts"

const MEANS = { encoder: "9.0", fonts: "f" }

const plan = (...order: Parameters<typeof orderOf>) => planReview(orderOf(...order), MEANS)
const keys = (...order: Parameters<typeof orderOf>) => plan(...order).segments.map(({ key }) => key)

describe("the plan of a review copy", () => {
  it("has a slate, then segments that start at multiples of their length, whatever the first frame is", () => {
    const { segments, frames, timecode } = plan(framesFrom(1001, 100))
    expect(SEGMENT_FRAMES).toBe(48)
    expect(segments.map(({ pictures }) => pictures?.length ?? "slate")).toEqual(["slate", 7, 48, 45])
    expect(frames).toBe(101)
    expect(timecode).toBe("00:00:41:16")
  })

  it("says which frame, timecode and date each picture has, and leaves out what nobody knows", () => {
    const texts = { ...orderOf([]).texts, topLeft: "{shot}/{nobody}", topCenter: "" }
    const { segments } = plan(framesFrom(1001, 2), { texts })
    const said = segments[1]?.subtitles.split("\n").filter((line) => line.startsWith("Dialogue: 0,0:00:00.10"))
    expect(said?.map((line) => line.split(",,0,0,0,,")[1])).toEqual([
      ...["{\\an7}sh010/", "{\\an9}v003"],
      ...["{\\an1}00:00:41:18", "{\\an2}2026-11-28", "{\\an3}1002"],
    ])
  })

  it("counts timecodes in drop frames where the movie does", () => {
    const order = { rate: { num: 30000, den: 1001 }, timecode: "00:00:59;29" }
    expect(plan(framesFrom(1, 2), order).segments[1]?.subtitles).toContain("00:01:00;02")
  })

  it("leaves out the handles at both ends, and counts the timecode on behind them", () => {
    const { segments, frames, timecode } = plan(framesFrom(1001, 20), { handles: 8 })
    expect(segments.flatMap(({ pictures }) => pictures ?? [])).toEqual([8, 9, 10, 11])
    expect([frames, timecode]).toEqual([5, "00:00:42:00"])
    expect(segments[0]?.subtitles).toContain("1009 to 1012 (4)")
  })

  it("shows all where handles are all that there is", () => {
    expect(plan(framesFrom(1001, 16), { handles: 8 }).frames).toBe(17)
  })

  it("says on the slate what is known of the shot, and which frames are held", () => {
    const [slate] = plan(framesFrom(1001, 20, [1003, 1004])).segments
    for (const said of ["sh010 v003", "1001 to 1020 (20)", "1003-1004", "24000/1001", "320 x 180", "2026-11-28"])
      expect(slate?.subtitles).toContain(said)
  })

  it("names another segment only where a picture, a date or a text of it is another", () => {
    const frames = framesFrom(1001, 100)
    const before = keys(frames)
    const changed = (frame: number, by: object) =>
      keys(frames.map((one) => (one.number === frame ? { ...one, ...by } : one)))
    const differing = (others: readonly string[]) => others.flatMap((key, at) => (key === before[at] ? [] : [at]))
    expect(differing(changed(1010, { identity: "anew" }))).toEqual([2])
    expect(differing(changed(1090, { date: "2026-11-29" }))).toEqual([0, 3])
    expect(differing(changed(1003, { shows: 1002 }))).toEqual([0, 1])
    expect(differing(keys(frames, { facts: { ...orderOf([]).facts, version: "v004" } }))).toEqual([0, 1, 2, 3])
    expect(differing(keys(frames, { crf: 26 }))).toEqual([0, 1, 2, 3])
    expect(
      keys([...framesFrom(990, 11), ...frames.map((one) => ({ ...one, picture: one.picture + 11 }))]).slice(-2),
    ).not.toEqual(before.slice(-2))
  })

  it("keeps the names of segments where frames are added in front", () => {
    const timecode = "00:00:41:17"
    const before = keys(framesFrom(1001, 100), { timecode })
    const longer = [...framesFrom(997, 4), ...framesFrom(1001, 100)]
    expect(keys(longer, { timecode: "00:00:41:13" }).slice(2)).toEqual(before.slice(2))
  })
})

describe("texts", () => {
  it("are never commands", () => {
    expect(escaped("a{\\b1}\\N\nb\u2028c")).toBe("a\\{\\\u2060b1\\}\\\u2060N b c")
    expect(escaped("\ud800")).toBe("\ufffd")
  })

  it("are shortened in the middle where they are too wide, ideographs sooner", () => {
    expect(shortened("beauty", 6)).toBe("beauty")
    expect(shortened("sh010_beauty_left", 9)).toBe("sh01…left")
    expect(shortened("漢字漢字漢字", 7)).toBe("漢字…字")
  })
})
