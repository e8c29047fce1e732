import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { frameSet, rangesText } from "../../element/frame-ranges.ts"
import { timecodeAt } from "../../picture/encode/timecode.ts"
import { cleanFrame } from "../testing/frames.ts"
import { type FrameFacts, type FrameList, type IntegrityReport, integrityOf, type Trait } from "./index.ts"

const FIRST = 1001
const COUNT = 200
const RATE = { num: 24, den: 1 }

const drifted = (trait: Trait, value: string) => ({
  seed: (frame: FrameFacts): FrameFacts[] => [{ ...frame, traits: { ...frame.traits, [trait]: value } }],
  found: ({ drift }: IntegrityReport) => drift.find((one) => one.trait === trait)?.frames,
})

const NONE: FrameList = { count: 0, ranges: "", more: 0 }

/** What is done to a frame, and where a report has to name it. */
const DEFECTS = {
  missing: { seed: () => [], found: ({ missing }: IntegrityReport) => missing },
  failed: {
    seed: (frame: FrameFacts) => [{ ...frame, failure: "picture/damaged", timecode: null, traits: {} }],
    found: ({ failed }: IntegrityReport) => failed[0]?.frames,
  },
  duplicate: {
    seed: (frame: FrameFacts) => [frame, { ...frame, padding: 7 }],
    found: ({ duplicates }: IntegrityReport) => duplicates,
  },
  size: drifted("size", "960x540"),
  displayWindow: drifted("displayWindow", "(10,0)-(1929,1079)"),
  depth: drifted("depth", "float"),
  compression: drifted("compression", "dwaa"),
  allChannels: drifted("allChannels", "A,B,G,R,Z"),
  colorspace: drifted("colorspace", "lin_rec709"),
  rate: drifted("rate", "25/1"),
  black: {
    seed: (frame: FrameFacts) => [{ ...frame, isBlack: true }],
    found: ({ black }: IntegrityReport) => black,
  },
  nearlyBlack: {
    seed: (frame: FrameFacts) => [{ ...frame, isNearlyBlack: true }],
    found: ({ nearlyBlack }: IntegrityReport) => nearlyBlack,
  },
  nonFinite: {
    seed: (frame: FrameFacts) => [{ ...frame, nonFiniteCount: 3 }],
    found: ({ nonFinite }: IntegrityReport) => nonFinite.frames,
  },
  noTimecode: {
    seed: (frame: FrameFacts) => [{ ...frame, timecode: null }],
    found: ({ timecodes }: IntegrityReport) => timecodes.without,
  },
} as const satisfies Record<string, Defect>

type Defect = {
  readonly seed: (frame: FrameFacts) => readonly FrameFacts[]
  readonly found: (report: IntegrityReport) => FrameList | undefined
}

const NAMES = Object.keys(DEFECTS) as (keyof typeof DEFECTS)[]

/** Frames inside a sequence, each with a defect: too few for the majority to be in doubt. */
const seeds = fc.uniqueArray(
  fc.tuple(fc.integer({ min: FIRST + 1, max: FIRST + COUNT - 2 }), fc.constantFrom(...NAMES)),
  { selector: ([frame]) => frame, maxLength: 60 },
)

const judge = (frames: readonly FrameFacts[]) =>
  integrityOf(frames, { stated: null, firstFrame: null, defaultRate: RATE, mostRuns: 1000 })

const sequence = Array.from({ length: COUNT }, (_, at) => cleanFrame(FIRST + at))

describe("defects of all kinds at once", () => {
  it("are each found in exactly the frames that have them", () => {
    fc.assert(
      fc.property(seeds, (seeded) => {
        const by = new Map<number, (typeof NAMES)[number]>(seeded)
        const report = judge(
          sequence.flatMap((frame) => {
            const defect = by.get(frame.frame)
            return defect === undefined ? [frame] : DEFECTS[defect].seed(frame)
          }),
        )
        for (const name of NAMES) {
          const frames = frameSet(seeded.flatMap(([frame, defect]) => (defect === name ? [frame] : [])))
          expect([name, DEFECTS[name].found(report) ?? NONE]).toEqual([
            name,
            { count: frames.length, ranges: rangesText(frames), more: 0 },
          ])
        }
        expect(report.timecodes.jumps).toEqual(NONE)
        expect(report.frozen).toEqual(NONE)
        expect(report.isSound).toBe(seeded.length === 0)
      }),
      { numRuns: 200 },
    )
  })

  it("frames held from their predecessor are found as frozen", () => {
    const held = fc.uniqueArray(fc.integer({ min: 1, max: COUNT - 1 }), { maxLength: 50 })
    fc.assert(
      fc.property(held, (places) => {
        const frames = [...sequence]
        for (const at of places.toSorted((a, b) => a - b)) {
          const [frame, before] = [frames[at], frames[at - 1]]
          if (frame !== undefined && before !== undefined) frames[at] = { ...frame, contentHash: before.contentHash }
        }
        const expected = frameSet(places.map((at) => FIRST + at))
        expect(judge(frames).frozen).toEqual({ count: expected.length, ranges: rangesText(expected), more: 0 })
      }),
    )
  })

  it("timecodes that count on from elsewhere are found where they do, and nowhere else", () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: COUNT - 1 }), { maxLength: 8 })
    fc.assert(
      fc.property(cuts, (places) => {
        const offsetAt = (at: number) => places.filter((place) => place <= at).length * 5000
        const frames = sequence.map((frame, at) => ({
          ...frame,
          timecode: timecodeAt(frame.frame + offsetAt(at), RATE),
        }))
        const expected = frameSet(places.map((at) => FIRST + at))
        const { jumps } = judge(frames).timecodes
        expect(jumps).toEqual({ count: expected.length, ranges: rangesText(expected), more: 0 })
      }),
    )
  })
})
