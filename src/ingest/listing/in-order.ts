/**
 * What a listing in the order of keys tells: the rows of its objects, rows whose objects are gone, and outputs that are
 * there.
 */

import { folderOf, isOutputsFolder, OUTPUTS_FOLDER } from "../../element/key.ts"
import { compareKeys } from "../../element/key-order.ts"
import type { Fact } from "../../events/fact.ts"
import { done, type Result } from "../../events/result.ts"
import type { ObjectEntry, ObjectRef } from "../../store/index.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import { missing } from "./listing.ts"

type RowsInOrder = {
  readonly element: Table["element"]
  /**
   * The listing has come to `key`, or with null to its end: the rows before it whose keys it did not come to. None from
   * where reading the rows failed.
   */
  passed(key: string | null): AsyncIterable<ElementRow>
  close(): Promise<void>
}

/**
 * Looks rows up in the order of a listing, which is theirs, too: one query for all instead of one for each. Where that
 * query fails on the way (a server ends what is read slowly), each further row is asked for by itself.
 */
export function rowsInOrder(
  table: Pick<Table, "element" | "elements">,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
): RowsInOrder {
  const rows = table.elements({ bucket, prefix })[Symbol.asyncIterator]()
  let next: Result<ElementRow> | null | "unread" = "unread"
  const advance = async (): Promise<void> => {
    const { done: isOver, value } = await rows.next()
    next = isOver === true ? null : value
  }
  let reached: string | null = null
  return {
    async *passed(key) {
      if (next === "unread") await advance()
      while (isRow(next) && (key === null || compareKeys(next.value.key, key) < 0)) {
        if (next.value.key !== reached) yield next.value
        await advance()
      }
      reached = key
    },
    element: async (of, key) => {
      if (next === "unread") await advance()
      while (isRow(next) && compareKeys(next.value.key, key) < 0) await advance()
      if (isFailure(next)) return table.element(of, key)
      return done(isRow(next) && next.value.key === key ? next.value : null)
    },
    close: async () => {
      await rows.return?.()
    },
  }
}

type NextRow = Result<ElementRow> | null | "unread"

const isRow = (next: NextRow): next is Extract<Result<ElementRow>, { ok: true }> =>
  next !== null && next !== "unread" && next.ok

const isFailure = (next: NextRow): boolean => next !== null && next !== "unread" && !next.ok

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
  isAskedAbout: (key: string) => boolean = () => true,
): MissingRows {
  let isHidden = false
  let reported = 0
  const passTo = async (key: string | null): Promise<Result<void>> => {
    let batch: Fact[] = []
    for await (const row of rows.passed(key)) {
      if (isHidden || row.state === "removed" || !isAskedAbout(row.key)) continue
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

/** What a listing in order tells of outputs, so that they need not be asked for one by one. */
type ListedOutputs = {
  /** Every value of the listing, in its order. */
  note(listed: Result<ObjectEntry>): void
  /** Whether an output is there; null when the listing has not told, or will not. */
  has(ref: ObjectRef): boolean | null
}

/**
 * Outputs lie in a folder beside their source, whose name sorts before nearly all others: when the listing reaches the
 * source it has told of them. Folders that the listing has left are forgotten, so this stays small.
 */
export function listedOutputs(prefix: string): ListedOutputs {
  const folders = new Map<string, Set<string>>()
  let last = ""
  let isWhole = true
  return {
    note(listed) {
      if (!listed.ok) {
        isWhole = false
        return
      }
      const { key } = listed.value
      last = key
      for (const folder of folders.keys()) if (!key.startsWith(parentOf(folder))) folders.delete(folder)
      const folder = outputFolderOf(key)
      if (folder === null) return
      folders.set(folder, (folders.get(folder) ?? new Set()).add(key))
    },
    has({ key }) {
      const folder = outputFolderOf(key)
      if (!isWhole || folder === null || !folder.startsWith(prefix)) return null
      if (last.startsWith(folder) || compareKeys(last, folder) <= 0 || !last.startsWith(parentOf(folder))) return null
      return folders.get(folder)?.has(key) ?? false
    },
  }
}

/** `dir/.proxies/` of an output, null for any other key. */
function outputFolderOf(key: string): string | null {
  const folder = folderOf(key)
  return isOutputsFolder(folder) ? folder : null
}

const parentOf = (folder: string): string => folder.slice(0, -`${OUTPUTS_FOLDER}/`.length)
