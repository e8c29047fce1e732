import type { FrameList, IntegrityReport } from "../../../events/records.generated.ts"
import type { Trait } from "../../../sequence/integrity/index.ts"
import type { ListBeside } from "../../../sequence/mhl/compare.ts"
import { visible } from "../../../system/visible.ts"
import type { SequenceRow } from "../../../table/sequence-rows.ts"
import { counted, humanBytes, rateText } from "../human.ts"
import { clipped, wrapped } from "../inspect/layout.ts"
import { barText, type Screen } from "./bar.ts"
import { sequenceName } from "./table.ts"

/** Everything that `sequence NAME` shows. */
export type SequenceView = {
  readonly row: SequenceRow
  readonly report: IntegrityReport
  /** What a hash list that lies beside says; null where there is none. */
  readonly list: ListBeside | null
}

/** The report of one sequence for reading. */
export function sequenceText({ row, report, list }: SequenceView, screen: Screen): string {
  const findings = [...findingsOf(report), ...listFindings(list)]
  const remarkable = findings.flatMap(({ frames, isMarked }) => (frames === null || !isMarked ? [] : [frames.ranges]))
  const { frames_made: made, frames_failed: failed, frames_missing: missing } = row
  return [
    `${visible(sequenceName(row))}  ${headText(row, report)}\n`,
    barText({ made, failed, missing, remarkable }, screen),
    "\n",
    ...linesOf([...movieLines(row), ...listLines(list), ...findings], screen.columns),
    `\n${verdictText(report, list)}\n`,
  ].join("")
}

type Line = { readonly title: string; readonly says: string }

/** What is remarkable, and of which frames; those that there is a picture of are marked in the bar. */
type Finding = Line & { readonly frames: FrameList | null; readonly isMarked: boolean }

function headText({ timecode, revision }: SequenceRow, { range, rate, made }: IntegrityReport): string {
  const frames = range === null ? "no frames" : `${counted(made.count, "frame")} of ${range.first}-${range.last}`
  const said = [frames, rate === null ? "no stated rate" : rateText(rate), timecode ?? "", `revision ${revision}`]
  return said.filter((text) => text !== "").join(", ")
}

function movieLines(row: SequenceRow): readonly Line[] {
  const { movie_key, movie_resolution, movie_frames, movie_size_bytes, frames_held, failure_code, failure_says } = row
  if (movie_key === null) {
    const why = failure_code === null ? "not made yet" : `none: ${failure_code}: ${failure_says ?? ""}`
    return [{ title: "movie", says: why }]
  }
  const size = `${movie_resolution ?? "of unknown size"}, ${counted(movie_frames, "frame")}, ${humanBytes(movie_size_bytes)}`
  const held = frames_held === "" ? [] : [{ title: "held", says: frames_held }]
  return [{ title: "movie", says: `${movie_key} (${size})` }, ...held, ...reviewLines(row)]
}

/** Nothing where nobody asked for a copy. */
function reviewLines({ review_key, review_frames, review_size_bytes, ...row }: SequenceRow): readonly Line[] {
  if (review_key !== null) {
    const size = `${counted(review_frames ?? 0, "frame")}, ${humanBytes(review_size_bytes ?? 0)}`
    return [{ title: "review copy", says: `${review_key} (${size})` }]
  }
  const { review_failure_code: code, review_failure_says: says } = row
  return code === null ? [] : [{ title: "review copy", says: `none: ${code}: ${says ?? ""}` }]
}

const NAMES: Readonly<Record<Trait, string>> & Readonly<Record<string, string | undefined>> = {
  format: "format",
  size: "size",
  displayWindow: "display area",
  dataWindow: "data window",
  pixelAspect: "pixel aspect",
  depth: "depth",
  compression: "compression",
  channels: "channels shown",
  allChannels: "channels",
  colorspace: "colour space",
  rate: "rate",
}

function findingsOf(report: IntegrityReport): readonly Finding[] {
  const { failed, drift, firstFrame, timecodes, nonFinite } = report
  const of = (title: string, frames: FrameList, isMarked = true): readonly Finding[] =>
    frames.count === 0 ? [] : [{ title, says: framesText(frames), frames, isMarked }]
  return [
    ...of("missing", report.missing, false),
    ...failed.map(({ code, frames }) => ({
      title: "failed",
      says: `${framesText(frames)}: ${code}`,
      frames,
      isMarked: false,
    })),
    ...of("two files", report.duplicates),
    ...of("outside", report.outside),
    ...(firstFrame === null
      ? []
      : [
          {
            title: "first frame",
            says: `${firstFrame.found}, expected ${firstFrame.expected}`,
            frames: null,
            isMarked: false,
          },
        ]),
    ...drift.flatMap(({ trait, usual, others }) =>
      others.map(({ value, frames }) => ({
        title: NAMES[trait] ?? trait,
        says: `${framesText(frames)}: ${value ?? "none"}, the others ${usual ?? "none"}`,
        frames,
        isMarked: true,
      })),
    ),
    ...of("timecode", timecodes.jumps).map((finding) => ({ ...finding, says: `${finding.says}${jumpText(report)}` })),
    ...of("no timecode", timecodes.without),
    ...of("black", report.black),
    ...of("nearly black", report.nearlyBlack),
    ...of("frozen", report.frozen),
    ...of("look alike", report.alike),
    ...of("not finite", nonFinite.frames).map((finding) => ({
      ...finding,
      says: `${finding.says}: ${counted(nonFinite.samples, "sample")}`,
    })),
    ...of("no hash", report.unhashed, false),
  ]
}

function jumpText({ timecodes: { told } }: IntegrityReport): string {
  const [first] = told
  if (first === undefined) return ""
  const expected = first.expected === null ? "which is none at this rate" : `expected ${first.expected}`
  return `: ${first.frame} has ${first.found}, ${expected}`
}

/** What a list that lies beside says, and where it is not so. */
function listFindings(list: ListBeside | null): readonly Finding[] {
  if (list === null) return []
  const { key, chainProblem } = list
  const { problem, lies, lieCount, kinds, ...found } = list.comparison
  const said = (title: string, says: string): Finding => ({ title, says, frames: null, isMarked: false })
  const of = (title: string, frames: FrameList, why = ""): readonly Finding[] =>
    frames.count === 0 ? [] : [{ title, says: `${framesText(frames)}${why}`, frames, isMarked: false }]
  return [
    ...(problem === null ? [] : [said("hash list", `${key} cannot be read to its end: it ${problem}`)]),
    ...(chainProblem === null ? [] : [said("hash list", `${key} ${chainProblem}`)]),
    ...of("other bytes", found.differing).map((finding) => ({ ...finding, isMarked: true })),
    ...of("listed only", found.absent),
    ...of("not listed", found.unlisted),
    ...of("not compared", found.uncompared, `: the list has ${kinds.join(", ") || "no hash"} of them, and no xxh128`),
    ...of("not compared", found.unhashed, ": their own hash is not known"),
    ...of("failed then", found.failedThen),
    ...lies.map((says) => said("not believed", says)),
    ...(lieCount > lies.length
      ? [said("not believed", `and ${counted(lieCount - lies.length, "more entry", "more entries")}`)]
      : []),
  ]
}

/** The list itself, and for how many frames it vouches; one that is broken is told of among the findings. */
const listLines = (list: ListBeside | null): readonly Line[] =>
  list === null || list.comparison.problem !== null
    ? []
    : [{ title: "hash list", says: `${list.key}: ${counted(list.comparison.same.count, "frame")} as listed` }]

const framesText = ({ count, ranges, more }: FrameList): string => {
  const others = more === 0 ? "" : ` and ${counted(more, "more run")}`
  return count === 1 ? ranges : `${ranges}${others} (${count.toLocaleString("en-GB")})`
}

/** A finding as `sequence NAME --csv` and `--json` have it. */
export type FindingRow = {
  readonly finding: string
  readonly count: number
  /** The first runs of frames; `more_runs` says how many were left out. */
  readonly frames: string
  readonly more_runs: number
  readonly says: string
}

export const FINDING_FIELDS = [
  "finding",
  "count",
  "frames",
  "more_runs",
  "says",
] satisfies readonly (keyof FindingRow)[]

/** All that is remarkable of a sequence, a row for each kind of it. */
export const findingRows = (report: IntegrityReport, list: ListBeside | null): readonly FindingRow[] =>
  [...findingsOf(report), ...listFindings(list)].map(({ title, says, frames }) => ({
    ...{ finding: title, says },
    ...{ count: frames?.count ?? 1, frames: frames?.ranges ?? "", more_runs: frames?.more ?? 0 },
  }))

const TITLE_COLUMNS = 14

function linesOf(lines: readonly Line[], columns: number): readonly string[] {
  const room = Math.max(columns - TITLE_COLUMNS, 20)
  return lines.flatMap(({ title, says }) =>
    wrapped(visible(says), room).map(
      (line, at) => `${(at === 0 ? title : "").padEnd(TITLE_COLUMNS)}${clipped(line, room)}\n`,
    ),
  )
}

function verdictText({ isSound }: IntegrityReport, list: ListBeside | null): string {
  if (!isSound) return "Not sound: see above."
  if (list === null) return "Sound."
  const { listed, same, differing, absent, unlisted, failedThen, lieCount, problem } = list.comparison
  const others = differing.count + absent.count + failedThen.count + lieCount
  if (problem !== null || list.chainProblem !== null || others > 0) return UNLIKE_LIST
  if (listed.count === 0) return "Sound. Its hash list says nothing of it."
  if (unlisted.count > 0) return UNLIKE_LIST
  const isCompared = same.count === listed.count
  return `Sound, and as its hash list says${isCompared ? "" : " as far as they can be compared"}.`
}

const UNLIKE_LIST = "Sound, but not as its hash list says."
