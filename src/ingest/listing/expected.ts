/** How many arrivals a listing that is under way will bring in the end: known long before it has looked at each file. */

import { isBelowOutputs } from "../../element/output-places.ts"
import { type Endings, isSource } from "../../element/source.ts"
import { done, type Result } from "../../events/result.ts"
import type { Table } from "../../table/index.ts"
import type { Decision } from "./listing.ts"
import type { ReconcilePorts } from "./reconcile.ts"

export type ExpectedArrivals = {
  /** Hears of each decision of the listing, in its order. */
  readonly note: (decision: Decision) => void
  /** Counts rows at once, and names after a while: to be called as the listing begins. Fails when the table does. */
  readonly count: (stop: AbortSignal) => Promise<Result<void>>
  /** Arrivals that what is not listed yet will bring; null before they are counted, and where they cannot be. */
  readonly toCome: () => number | null
}

type ExpectedPorts = Pick<ReconcilePorts, "store" | "clock" | "outputsFor"> & {
  readonly table: Pick<Table, "countElements">
}

type Counted = { readonly names: number; readonly rows: number }

/** Names are counted after so long: a folder that is listed by then needs no count, and the first frames come first. */
const COUNT_AFTER_MS = 1_000

const LIVE = ["queued", "done", "failed", "dismissed"] as const

/**
 * A name without a row will arrive. One that has a row arrives as often as those that were listed already did: hardly ever, or
 * always where a setting was changed. What was queued before this listing is not counted.
 */
export function openExpectedArrivals(
  { store, table, clock, outputsFor }: ExpectedPorts,
  { bucket, endings }: { readonly bucket: string; readonly endings?: Endings },
): ExpectedArrivals {
  let counted: Counted | null = null
  const listed = { unknown: 0, known: 0, knownArrived: 0 }
  const isFrame = (key: string): boolean => isSource(key, endings) && !isBelowOutputs(outputsFor, { bucket, key })
  return {
    note: (decision) => {
      const hasArrived = decision.kind === "arrived"
      if (hasArrived && decision.created.value.element.attempt === 0) listed.unknown += 1
      else listed.known += 1
      if (hasArrived && decision.created.value.element.attempt > 0) listed.knownArrived += 1
    },
    count: async (stop) => {
      const rows = await table.countElements({ bucket, states: LIVE })
      if (!rows.ok) return rows
      await clock.sleep(COUNT_AFTER_MS, stop)
      if (stop.aborted || store.listKeys === undefined) return done(undefined)
      let names = 0
      for await (const keys of store.listKeys(bucket)) {
        if (stop.aborted) return done(undefined)
        names += keys.filter(isFrame).length
      }
      counted = { names, rows: rows.value }
      return done(undefined)
    },
    toCome: () => {
      if (counted === null) return null
      const known = Math.max(0, counted.rows - listed.known)
      const unknown = Math.max(0, counted.names - counted.rows - listed.unknown)
      return unknown + Math.round((known * listed.knownArrived) / Math.max(1, listed.known))
    },
  }
}
