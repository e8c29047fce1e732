// What a listing found, in numbers.

import type { Failure } from "../../events/result.ts"
import type { SkippedLink } from "../../store/index.ts"
import type { ElementRow } from "../../table/rows.ts"

export type SkippedName = { readonly key: string; readonly leadsTo: SkippedLink }

/** Each frame that was found is counted once more: by what became of it. */
export type ScanReport = {
  readonly found: number
  readonly arrived: number
  readonly current: number
  readonly alreadyQueued: number
  readonly failedForGood: readonly ElementRow[]
  /** Failures that somebody dismissed. */
  readonly dismissed: number
  readonly unsettled: number
  /** Files that are no frames: their names end otherwise. Hidden ones and outputs are not counted. */
  readonly unsupported: number
  /** Frames that the listing was not asked about. */
  readonly leftOut: number
  /** Objects that are known and were not listed: reported as removed. */
  readonly removed: number
  /** Links that were passed over: those to folders, and those with the name of a frame that lead to none. */
  readonly skipped: readonly SkippedName[]
  /** Folders or objects that could not be listed; the rest was. */
  readonly unlisted: readonly Failure[]
}

export type Tally = { -readonly [K in keyof ScanReport]: ScanReport[K] } & {
  failedForGood: ElementRow[]
  skipped: SkippedName[]
  unlisted: Failure[]
}

export const nothingYet = (): Tally => ({
  found: 0,
  arrived: 0,
  current: 0,
  alreadyQueued: 0,
  failedForGood: [],
  dismissed: 0,
  unsettled: 0,
  unsupported: 0,
  leftOut: 0,
  removed: 0,
  skipped: [],
  unlisted: [],
})

/** Adds up what several listings found. */
export const sumOf = (reports: readonly ScanReport[]): ScanReport =>
  reports.reduce((sum, report) => ({
    found: sum.found + report.found,
    arrived: sum.arrived + report.arrived,
    current: sum.current + report.current,
    alreadyQueued: sum.alreadyQueued + report.alreadyQueued,
    failedForGood: [...sum.failedForGood, ...report.failedForGood],
    dismissed: sum.dismissed + report.dismissed,
    unsettled: sum.unsettled + report.unsettled,
    unsupported: sum.unsupported + report.unsupported,
    leftOut: sum.leftOut + report.leftOut,
    removed: sum.removed + report.removed,
    skipped: [...sum.skipped, ...report.skipped],
    unlisted: [...sum.unlisted, ...report.unlisted],
  }))
