import type { DatabaseSync } from "node:sqlite"
import { setImmediate as soon } from "node:timers"
import { done, failed, type Result } from "../events/result.ts"
import { type Port, sqliteFailure } from "./sqlite-failure.ts"

/**
 * One write among others. It may run twice: when one write of a transaction fails, all are rolled back and each is tried by
 * itself. Whatever it changes outside the database must bear that.
 */
export type Job<T> = () => T

export type GroupCommit = {
  /**
   * Runs `job` in the next transaction, together with all others that wait; durable when it resolves. Fails
   * `port`/unreachable or `port`/refused; rejects when the job throws anything else.
   */
  write<T>(port: Port, job: Job<T>): Promise<Result<T>>
  /** Commits what waits. */
  flush(): void
  /** Calls `listener` after each commit until the returned function is called. */
  onCommit(listener: () => void): () => void
}

/** What a transaction threw; null when it was committed. */
type Thrown = { readonly error: unknown } | null

type WaitingJob = { readonly run: () => void; readonly settle: (thrown: Thrown) => void }

/**
 * Shares one transaction, and so one wait for the disk, among all writes of one turn of the event loop: a thousand small
 * acknowledgements a second cost a handful of commits.
 */
export function groupCommit(db: DatabaseSync): GroupCommit {
  let waiting: WaitingJob[] = []
  const listeners = new Set<() => void>()

  const flush = (): void => {
    const jobs = waiting
    waiting = []
    if (jobs.length === 0) return
    const thrown = transaction(db, jobs)
    if (thrown !== null && jobs.length > 1) for (const job of jobs) job.settle(transaction(db, [job]))
    else for (const job of jobs) job.settle(thrown)
    for (const listener of listeners) listener()
  }

  const write = async <T>(port: Port, job: Job<T>): Promise<Result<T>> => {
    const results: T[] = []
    const thrown = await new Promise<Thrown>((settle) => {
      const first = waiting.push({ run: () => results.push(job()), settle }) === 1
      if (first) soon(flush)
    })
    return thrown === null ? done(results.at(-1) as T) : failed(sqliteFailure(port, thrown.error))
  }

  const onCommit = (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return { write, flush, onCommit }
}

function transaction(db: DatabaseSync, jobs: readonly WaitingJob[]): Thrown {
  try {
    db.exec("BEGIN IMMEDIATE")
    for (const job of jobs) job.run()
    db.exec("COMMIT")
    return null
  } catch (error) {
    // SQLite may have rolled back by itself (disk full).
    if (db.isOpen && db.isTransaction) db.exec("ROLLBACK")
    return { error }
  }
}
