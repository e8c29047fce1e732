import { expect, it } from "vitest"
import { cleanFrames } from "../testing/frames.ts"
import { integrityColumns } from "./columns.ts"
import { type Expectation, type FrameFacts, integrityOf } from "./index.ts"
import { spaceHarborIntegrity } from "./space-harbor.ts"

const FILM = { num: 24, den: 1 }
const EXPECTED: Expectation = { stated: null, firstFrame: null, defaultRate: FILM, mostRuns: 100 }

const report = (frames: readonly FrameFacts[], expected: Partial<Expectation> = {}) =>
  integrityOf(frames, { ...EXPECTED, ...expected })

/** Frames 1001 to 1020, some of them changed. */
function changed(at: readonly number[], change: (frame: FrameFacts) => Partial<FrameFacts>): FrameFacts[] {
  return cleanFrames(1001, 20).map((frame) => (at.includes(frame.frame) ? { ...frame, ...change(frame) } : frame))
}

const list = (ranges: string, count: number) => ({ ranges, count, more: 0 })
it("SpaceHarbor hears of the same in its own words", () => {
  const frames = changed([1009], ({ traits }) => ({ traits: { ...traits, size: "960x540", depth: "float" } }))
  const found = report(frames.filter(({ frame }) => frame !== 1003))
  expect(spaceHarborIntegrity(found, { atMs: 0, toolVersion: "3.0.0" })).toMatchObject({
    ...{ status: "invalid", validated_at: "1970-01-01T00:00:00.000Z", tool_version: "3.0.0" },
    ...{ start_frame: 1001, end_frame: 1020, total_frames: 19, missing_frames: list("1003", 1) },
    resolution_changes: [{ usual: "1920x1080", value: "960x540", frames: list("1009", 1) }],
    bit_depth_changes: [{ usual: "half", value: "float", frames: list("1009", 1) }],
    compression_changes: [],
    checksums: { algorithm: "xxh3-128", status: "complete", frames: 19 },
  })
})

it("tables hold it in a column each, and whole as JSON", () => {
  const frames = changed([1003, 1009], ({ traits }) => ({ traits: { ...traits, size: "960x540" }, nonFiniteCount: 2 }))
  const found = report(frames, { firstFrame: 1000, mostRuns: 1 })
  const { report_json, ...columns } = integrityColumns(found)
  expect(columns).toEqual({
    ...{ is_sound: 0, first_frame: 1001, first_frame_expected: 1000, drift: "size", frames_drifted: "size 1003,..." },
    ...{
      frames_duplicate: "",
      frames_outside: "",
      frames_timecode_jump: "",
      frames_black: "",
      frames_nearly_black: "",
    },
    ...{ frames_frozen: "", frames_non_finite: "1003,...", non_finite_samples: 4, frames_unhashed: "" },
  })
  expect(JSON.parse(report_json ?? "")).toEqual(found)
  const none = { is_sound: 1, first_frame: null, first_frame_expected: null }
  expect(integrityColumns(report([]))).toMatchObject(none)
})
