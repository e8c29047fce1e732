import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { framesOfText } from "../../element/frame-ranges.ts"
import { framesSinceMidnight, timecodeAt } from "../../picture/encode/timecode.ts"
import { cleanFrame, cleanFrames, hashText } from "../testing/frames.ts"
import { type Expectation, type FrameFacts, integrityOf, TRAITS } from "./index.ts"

const FILM = { num: 24, den: 1 }
const EXPECTED: Expectation = { stated: null, firstFrame: null, defaultRate: FILM, mostRuns: 100 }

const report = (frames: readonly FrameFacts[], expected: Partial<Expectation> = {}) =>
  integrityOf(frames, { ...EXPECTED, ...expected })

/** Frames 1001 to 1020, some of them changed. */
function changed(at: readonly number[], change: (frame: FrameFacts) => Partial<FrameFacts>): FrameFacts[] {
  return cleanFrames(1001, 20).map((frame) => (at.includes(frame.frame) ? { ...frame, ...change(frame) } : frame))
}

const list = (ranges: string, count: number) => ({ ranges, count, more: 0 })
const NONE = list("", 0)

const numbers = (first: number, last: number) => Float64Array.from({ length: last - first + 1 }, (_, at) => first + at)

describe("a clean sequence", () => {
  const rates = fc.constantFrom(
    { num: 24, den: 1 },
    { num: 24000, den: 1001 },
    { num: 25, den: 1 },
    { num: 30000, den: 1001 },
    { num: 60000, den: 1001 },
    { num: 48, den: 1 },
    null,
  )

  it("is sound, whatever its numbers and rate are, and however its frames are shuffled", () => {
    const sequences = fc.tuple(fc.integer({ min: -2000, max: 200_000 }), fc.integer({ min: 1, max: 80 }), rates)
    fc.assert(
      fc.property(sequences, fc.infiniteStream(fc.nat()), ([first, count, rate], order) => {
        const frames = Array.from({ length: count }, (_, at) => cleanFrame(first + at, rate))
        const shuffled = frames.map((frame) => [order.next().value, frame] as const).sort(([a], [b]) => a - b)
        const found = report(shuffled.map(([, frame]) => frame))
        expect(found).toEqual(report(frames))
        expect(found).toMatchObject({ isSound: true, range: { first, last: first + count - 1 }, rate, missing: NONE })
        expect(found.made.count).toBe(count)
      }),
    )
  })

  it("may have data windows that are cropped to what is in the picture", () => {
    const cropped = cleanFrames(1001, 20).map((frame) => ({
      ...frame,
      traits: { ...frame.traits, dataWindow: `(${frame.frame % 7},0)-(99,99)` },
    }))
    expect(report(cropped).isSound).toBe(true)
  })

  it("may count drop-frame timecodes over a minute, and one timecode for two frames where it is fast", () => {
    const NTSC = { num: 30000, den: 1001 }
    const start = framesSinceMidnight("00:00:59;20", NTSC)
    const timecoded = (of: (at: number) => string, rate: { num: number; den: number }) =>
      Array.from({ length: 40 }, (_, at) => ({ ...cleanFrame(1001 + at, rate), timecode: of(at) }))
    expect(report(timecoded((at) => timecodeAt(start + at, NTSC, "drop-frame"), NTSC)).timecodes.jumps).toEqual(NONE)
    const pairs = timecoded((at) => timecodeAt(start + Math.floor((at + 1) / 2), NTSC, "drop-frame"), {
      num: 60000,
      den: 1001,
    })
    expect(report(pairs).timecodes.jumps).toEqual(NONE)
    const still = timecoded(() => "01:00:00:00", { num: 50, den: 1 })
    expect(report(still).timecodes.jumps.count).toBeGreaterThan(10)
  })

  it("without a single frame has no range", () => {
    expect(report([])).toMatchObject({ range: null, made: NONE, missing: NONE, isSound: true })
    expect(report([], { stated: Float64Array.of(1, 2, 3) })).toMatchObject({ missing: list("1-3", 3), isSound: false })
  })
})

describe("a defect is found with its frames, and no other is told:", () => {
  const only = (frames: readonly FrameFacts[], told: object, expected: Partial<Expectation> = {}) => {
    const { made, range, unhashed, alike, ...clean } = report(cleanFrames(1001, 20))
    const found = report(frames, expected)
    expect(found).toEqual({ ...found, ...clean, isSound: false, ...told })
  }

  it("missing frames", () => {
    const frames = cleanFrames(1001, 20).filter(({ frame }) => ![1004, 1005, 1011].includes(frame))
    only(frames, { missing: list("1004-1005,1011", 3) })
    const stated = numbers(999, 1022)
    only(cleanFrames(999, 20), { missing: list("1019-1022", 4), timecodes: expect.anything() }, { stated })
  })

  it("missing frames between numbers that are far apart, without counting through them", () => {
    const frames = [cleanFrame(1), cleanFrame(2 ** 53 - 1)].map((frame) => ({ ...frame, timecode: null }))
    expect(report(frames).missing).toEqual(list(`2-${2 ** 53 - 2}`, 2 ** 53 - 3))
  })

  it("frames outside a stated range", () => {
    only(cleanFrames(1001, 20), { outside: list("1018-1020", 3) }, { stated: numbers(1001, 1017) })
  })

  it("missing frames of stated ones with steps and gaps, and no others", () => {
    const stated = framesOfText("1001-1019x2,1030")
    if (stated === null) throw new Error("Ranges.")
    const everySecond = cleanFrames(1001, 20).filter(({ frame }) => frame % 2 === 1)
    only(
      everySecond,
      { missing: list("1030", 1), made: expect.anything(), range: { first: 1001, last: 1030 } },
      { stated },
    )
    const whole = report([...everySecond, cleanFrame(1030)], { stated })
    expect(whole).toMatchObject({ missing: NONE, outside: NONE, isSound: true })
  })

  it("a first frame that is not the expected one", () => {
    only(cleanFrames(1001, 20), { firstFrame: { expected: 1000, found: 1001 } }, { firstFrame: 1000 })
  })

  it("failed frames, by code", () => {
    const frames = changed([1003, 1004], () => ({ failure: "picture/damaged", traits: {}, timecode: null }))
    only(frames, { failed: [{ code: "picture/damaged", frames: list("1003-1004", 2) }] })
  })

  it("frames with two files, of which the one that was made last is shown", () => {
    const again = { ...cleanFrame(1007), padding: 5, recordedAtMs: 2000, isBlack: true }
    only([again, ...cleanFrames(1001, 20)], { duplicates: list("1007", 1), black: list("1007", 1) })
    const failedAgain = { ...again, failure: "picture/damaged" }
    only([...cleanFrames(1001, 20), failedAgain], { duplicates: list("1007", 1) })
  })

  it.each(TRAITS.filter((trait) => trait !== "rate"))("another %s in mid-sequence", (trait) => {
    const frames = changed([1009, 1010], ({ traits }) => ({ traits: { ...traits, [trait]: "another" } }))
    const usual = cleanFrame(1).traits[trait]
    const at = list("1009-1010", 2)
    only(frames, { drift: [{ trait, usual, others: [{ value: "another", frames: at }], frames: at }] })
  })

  it("another rate, or none", () => {
    const frames = changed([1001], ({ traits }) => ({ traits: { ...traits, rate: null } }))
    const at = list("1001", 1)
    only(frames, { drift: [{ trait: "rate", usual: "24/1", others: [{ value: null, frames: at }], frames: at }] })
  })

  it("another value than most have, and of two that equally many have the one that comes later", () => {
    const half = Array.from({ length: 10 }, (_, at) => 1011 + at)
    const frames = changed(half, ({ traits }) => ({ traits: { ...traits, compression: "dwaa" } }))
    expect(report(frames).drift).toMatchObject([{ usual: "zips", frames: list("1011-1020", 10) }])
    const most = changed([...half, 1010], ({ traits }) => ({ traits: { ...traits, compression: "dwaa" } }))
    expect(report(most).drift).toMatchObject([{ usual: "dwaa", frames: list("1001-1009", 9) }])
  })

  it("another size, which is told once though its windows are others, too", () => {
    const small = { size: "960x540", displayWindow: "(0,0)-(959,539)", dataWindow: "(0,0)-(959,539)" }
    const frames = changed([1020], ({ traits }) => ({ traits: { ...traits, ...small } }))
    expect(report(frames).drift.map(({ trait }) => trait)).toEqual(["size"])
  })

  it("timecodes that jump, stand still or do not exist at the rate", () => {
    const jumping = changed([1010], () => ({ timecode: "10:00:00:00" }))
    const told = [
      { frame: 1010, expected: "00:00:42:02", found: "10:00:00:00" },
      { frame: 1011, expected: "10:00:00:01", found: "00:00:42:03" },
    ]
    only(jumping, { timecodes: { first: "00:00:41:17", jumps: list("1010-1011", 2), told, without: NONE } })
    const still = changed([1018, 1019, 1020], () => ({ timecode: timecodeAt(1017, FILM) }))
    expect(report(still).timecodes.jumps).toEqual(list("1018-1020", 3))
    const wrong = changed([1020], () => ({ timecode: "00:00:42:27" }))
    expect(report(wrong).timecodes.jumps).toEqual(list("1020", 1))
    const absent = changed([1002], () => ({ timecode: null }))
    expect(report(absent)).toMatchObject({ timecodes: { without: list("1002", 1), jumps: NONE }, isSound: false })
  })

  it("black, nearly black and frozen frames, and samples that are no numbers", () => {
    only(
      changed([1001, 1020], () => ({ isBlack: true })),
      { black: list("1001,1020", 2) },
    )
    only(
      changed([1005], () => ({ isNearlyBlack: true })),
      { nearlyBlack: list("1005", 1) },
    )
    only(
      changed([1006, 1007], () => ({ contentHash: cleanFrame(1005).contentHash })),
      { frozen: list("1006-1007", 2) },
    )
    only(
      changed([1002, 1003], ({ frame }) => ({ nonFiniteCount: frame })),
      { nonFinite: { frames: list("1002-1003", 2), samples: 2005 } },
    )
  })

  it("frames that look like their predecessor, and those nobody hashed, without being called defects", () => {
    const frames = changed([1006], () => ({ thumbnailHash: hashText(-1006), contentHash: null }))
    const [alike, unhashed] = [list("1006", 1), list("1006", 1)]
    expect(report(frames)).toMatchObject({ alike, unhashed, isSound: true })
  })
})

it("any set of frames that a clean sequence loses is told as missing, and nothing else", () => {
  const lost = fc.uniqueArray(fc.integer({ min: 1002, max: 1099 }), { maxLength: 60 })
  fc.assert(
    fc.property(lost, (numbers) => {
      const found = report(cleanFrames(1001, 100).filter(({ frame }) => !numbers.includes(frame)))
      expect(found.missing.count).toBe(numbers.length)
      expect(found).toMatchObject({ drift: [], timecodes: { jumps: NONE }, isSound: numbers.length === 0 })
    }),
  )
})

it("the report of a hundred thousand frames stays small, however torn they are", () => {
  const odd = Array.from({ length: 100_000 }, (_, at) => at).map((at): FrameFacts => {
    const frame = cleanFrame(at * 2)
    const traits = Object.fromEntries(
      TRAITS.map((trait) => [trait, at % 3 === 0 ? `value ${at}` : frame.traits[trait]]),
    )
    return { ...frame, traits, timecode: "10:00:00:00", isBlack: at % 2 === 0 }
  })
  const found = report(odd, { mostRuns: 20 })
  expect(found).toMatchObject({ missing: { count: 99_999, more: 99_979 }, black: { count: 50_000 } })
  expect(JSON.stringify(found).length).toBeLessThan(30_000)
})
