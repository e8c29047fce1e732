import type { DatabaseSync, StatementSync } from "node:sqlite"

/** A prepared statement by its text: prepared once, and again by SQLite itself when tables change. */
export type Sql = (text: string) => StatementSync

export function statements(db: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>()
  return (text) => {
    const known = prepared.get(text)
    if (known !== undefined) return known
    const made = db.prepare(text)
    prepared.set(text, made)
    return made
  }
}
