import type { Fact } from "../../events/fact.ts"
import { done, type Result } from "../../events/result.ts"
import type { ObjectEntry } from "../../store/index.ts"
import { missing } from "./listing.ts"
import type { RowsInOrder } from "./rows-in-order.ts"

/** Follows a listing and reports what it misses. */
export type MissingRows = {
  /** The next value of the listing, in its order, or null for its end. A listing that was broken off has none. */
  follow(listed: Result<ObjectEntry> | null): Promise<Result<void>>
  /** Removals reported so far. */
  reported(): number
}

/** Reports appended at once. */
const BATCH = 200

/**
 * A row whose place the listing has passed without naming its key is reported as removed: HEAD confirms it or does not. What
 * lies between two listed keys is left alone where something in between could not be listed: a folder that may not
 * be read hides what is in it.
 */
export function missingRows(
  rows: Pick<RowsInOrder, "passed">,
  append: (facts: readonly Fact[]) => Promise<Result<void>>,
  nowMs: () => number,
): MissingRows {
  let isHidden = false
  let reported = 0
  const passTo = async (key: string | null): Promise<Result<void>> => {
    let batch: Fact[] = []
    for await (const row of rows.passed(key)) {
      if (isHidden || row.state === "removed") continue
      batch.push(missing(row, nowMs()))
      reported += 1
      if (batch.length < BATCH) continue
      const appended = await append(batch)
      if (!appended.ok) return appended
      batch = []
    }
    isHidden = false
    return batch.length === 0 ? done(undefined) : append(batch)
  }
  return {
    follow: async (listed) => {
      if (listed === null) return passTo(null)
      if (listed.ok) return passTo(listed.value.key)
      isHidden = true
      return done(undefined)
    },
    reported: () => reported,
  }
}
