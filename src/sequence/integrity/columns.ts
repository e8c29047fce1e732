import type { FrameList, IntegrityReport } from "../../events/records.generated.ts"
import { isFields } from "../../system/json.ts"
import type { IntegrityColumns } from "../../table/sequence-rows.ts"

/** A report, a column for each kind of finding. */
export function integrityColumns(report: IntegrityReport): IntegrityColumns {
  const { drift, firstFrame, nonFinite, range } = report
  return {
    is_sound: report.isSound ? 1 : 0,
    frames_duplicate: cellOf(report.duplicates),
    frames_outside: cellOf(report.outside),
    first_frame: firstFrame?.found ?? range?.first ?? null,
    first_frame_expected: firstFrame?.expected ?? null,
    drift: drift.map(({ trait }) => trait).join(","),
    frames_drifted: drift.map(({ trait, frames }) => `${trait} ${cellOf(frames)}`).join("; "),
    frames_timecode_jump: cellOf(report.timecodes.jumps),
    frames_black: cellOf(report.black),
    frames_nearly_black: cellOf(report.nearlyBlack),
    frames_frozen: cellOf(report.frozen),
    frames_non_finite: cellOf(nonFinite.frames),
    non_finite_samples: nonFinite.samples,
    frames_unhashed: cellOf(report.unhashed),
    report_json: JSON.stringify(report),
  }
}

/** That some are left out must be seen in the cell itself. */
const cellOf = ({ ranges, more }: FrameList): string => (more === 0 ? ranges : `${ranges},...`)

/** The report of a row; null where it has none, or another's text in its place. */
export function reportIn({ report_json }: Pick<IntegrityColumns, "report_json">): IntegrityReport | null {
  try {
    const report: unknown = JSON.parse(report_json ?? "null")
    return isReport(report) ? report : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const isReport = (value: unknown): value is IntegrityReport =>
  isFields(value) &&
  typeof value.isSound === "boolean" &&
  [value.failed, value.drift].every(Array.isArray) &&
  [value.made, value.missing, value.duplicates, value.outside, value.unhashed].every(isFields) &&
  [value.black, value.nearlyBlack, value.frozen, value.alike, value.nonFinite, value.timecodes].every(isFields)

/** Where a fact holds no report. */
export const NO_REPORT: IntegrityColumns = {
  is_sound: null,
  frames_duplicate: "",
  frames_outside: "",
  first_frame: null,
  first_frame_expected: null,
  drift: "",
  frames_drifted: "",
  frames_timecode_jump: "",
  frames_black: "",
  frames_nearly_black: "",
  frames_frozen: "",
  frames_non_finite: "",
  non_finite_samples: 0,
  frames_unhashed: "",
  report_json: null,
}
