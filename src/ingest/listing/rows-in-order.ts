import { compareKeys } from "../../element/key.ts"
import { done, type Result } from "../../events/result.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"

export type RowsInOrder = {
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

type Next = Result<ElementRow> | null | "unread"

const isRow = (next: Next): next is Extract<Result<ElementRow>, { ok: true }> =>
  next !== null && next !== "unread" && next.ok

const isFailure = (next: Next): boolean => next !== null && next !== "unread" && !next.ok
