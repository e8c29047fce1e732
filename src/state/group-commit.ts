// How many writers share one commit, and one wait for the disk.

import { closeSync, fdatasync, fdatasyncSync, fsyncSync, openSync } from "node:fs"
import { dirname } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { setImmediate as soon } from "node:timers"
import { done, failed, type Result } from "../events/result.ts"
import { type Clock, systemClock } from "../system/clock.ts"
import { type Port, sqliteFailure } from "./sqlite-failure.ts"

/**
 * One write among others. It may run twice: when one write of a transaction fails, all are rolled back and each is tried by
 * itself; and one that failed because the disk reported an error may be there all the same, and is tried again by whoever
 * asked. Whatever it changes outside the database must bear that.
 */
export type Job<T> = () => T

export type GroupCommit = {
  /**
   * Runs `job` in the next transaction, together with all others that wait; durable when it resolves. Fails
   * `port`/unreachable or `port`/refused; rejects when the job throws anything else.
   */
  write<T>(port: Port, job: Job<T>): Promise<Result<T>>
  /** Commits what waits, and waits for the disk in this thread. */
  flush(): void
  /** Calls `listener` after each commit until the returned function is called. */
  onCommit(listener: () => void): () => void
}

/** What a transaction threw; null when it was committed. */
type Thrown = { readonly error: unknown } | null

type WaitingJob = { readonly run: () => void; readonly settle: (thrown: Thrown) => void }

/** Commits that are not on disk yet, and the wait until they are. */
export type CommitDisk = {
  /** Waits in a thread of the pool. What was committed before the call is on disk when it resolves with null. */
  readonly sync: () => Promise<Thrown>
  /** Waits in this thread. */
  readonly syncNow: () => Thrown
  /** Lets go once nothing waits any more. */
  readonly close: () => void
}

/**
 * The write-ahead log of an open database: all commits since the last checkpoint, which SQLite syncs itself. SQLite locks other
 * files than this one, so a second handle on it takes no lock away. Throws what the system throws.
 */
export function openCommitDisk(database: string): CommitDisk {
  const file = openSync(`${database}-wal`, "r+")
  syncName(dirname(database))
  let waits = 0
  let isClosed = false
  const closeWhenIdle = (): void => {
    if (isClosed && waits === 0) closeSync(file)
  }
  return {
    sync: () =>
      new Promise((resolve) => {
        waits += 1
        fdatasync(file, (error) => {
          waits -= 1
          closeWhenIdle()
          resolve(error === null ? null : { error })
        })
      }),
    syncNow: () => thrownBy(() => fdatasyncSync(file)),
    close: () => {
      isClosed = true
      closeWhenIdle()
    },
  }
}

/** The log's name in its folder, which may be new. Like SQLite, without those systems that cannot sync a folder. */
function syncName(folder: string): void {
  if (process.platform === "win32") return
  const handle = openSync(folder, "r")
  const thrown = thrownBy(() => fsyncSync(handle))
  closeSync(handle)
  if (thrown !== null && !(thrown.error instanceof Error && "syscall" in thrown.error)) throw thrown.error
}

function thrownBy(work: () => void): Thrown {
  try {
    work()
    return null
  } catch (error) {
    return { error }
  }
}

/** A write whose transaction is over: committed, or with what it threw. */
type EndedJob = { readonly job: WaitingJob; readonly thrown: Thrown }

/**
 * Commits come no faster than one each so many milliseconds, in the long run: a frame alone writes seven or eight times, and frames
 * that are made side by side share them. After a pause some go ahead of that pace, so that neither the first frame of a run nor
 * its last word is put off.
 */
const [EACH_MS, AHEAD_MS] = [8, 40]

/**
 * Shares one transaction, and so one wait for the disk, among all writes of one turn of the event loop, and among all that come
 * while the disk is waited for or before another commit is due: a thousand small acknowledgements a second cost a handful of
 * commits, and this thread goes on with other work meanwhile. Whoever wrote, and whoever listens, hears of a commit when it is
 * on disk.
 */
export function groupCommit(
  db: DatabaseSync,
  disk: CommitDisk,
  clock: Pick<Clock, "steadyMs" | "sleep"> = systemClock,
): GroupCommit {
  let waiting: WaitingJob[] = []
  let isUnderway = false
  let dueMs = Number.NEGATIVE_INFINITY
  const listeners = new Set<() => void>()

  const commit = (): readonly EndedJob[] => {
    const jobs = waiting
    waiting = []
    if (jobs.length === 0) return []
    const thrown = transaction(db, jobs)
    if (thrown !== null && jobs.length > 1) return jobs.map((job) => ({ job, thrown: transaction(db, [job]) }))
    return jobs.map((job) => ({ job, thrown }))
  }
  const settle = (ended: readonly EndedJob[], lost: Thrown): void => {
    for (const { job, thrown } of ended) job.settle(thrown ?? lost)
    if (ended.length > 0) for (const listener of listeners) listener()
  }
  const turn = async (): Promise<void> => {
    dueMs = Math.max(dueMs, clock.steadyMs()) + EACH_MS
    const ended = commit()
    settle(ended, ended.length === 0 ? null : await disk.sync())
    isUnderway = waiting.length > 0
    if (isUnderway) await begin()
  }
  const begin = async (): Promise<void> => {
    const restMs = dueMs - AHEAD_MS - clock.steadyMs()
    if (restMs > 0) await clock.sleep(restMs)
    soon(turn)
  }

  const write = async <T>(port: Port, job: Job<T>): Promise<Result<T>> => {
    const results: T[] = []
    const thrown = await new Promise<Thrown>((settle) => {
      waiting.push({ run: () => results.push(job()), settle })
      if (!isUnderway) void begin()
      isUnderway = true
    })
    return thrown === null ? done(results.at(-1) as T) : failed(sqliteFailure(port, thrown.error))
  }

  const onCommit = (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  const flush = (): void => {
    const ended = commit()
    if (ended.length > 0) settle(ended, disk.syncNow())
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
