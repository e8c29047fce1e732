import type { FrameList, IntegrityReport } from "./index.ts"

/** What a table of sequences holds of a report, a column each; frames as ranges, `1001-1040,1045`. */
export type IntegrityColumns = {
  /** 1 where nothing is wrong with the sequence, 0 where something is, for SQL without booleans. */
  readonly is_sound: 0 | 1
  readonly frames_duplicate: string
  /** Found, but not of the stated range. */
  readonly frames_outside: string
  readonly first_frame: number | null
  /** null where it is the first one found, or none is expected. */
  readonly first_frame_expected: number | null
  /** Names of what differs between frames: size, depth, ... with commas between them. */
  readonly drift: string
  readonly frames_drifted: string
  readonly frames_timecode_jump: string
  readonly frames_black: string
  readonly frames_nearly_black: string
  readonly frames_frozen: string
  readonly frames_non_finite: string
  readonly non_finite_samples: number
  readonly frames_unhashed: string
  /** The whole report as JSON, as `sequence NAME --json` prints it. */
  readonly report_json: string
}

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
