import { folderOf } from "../../element/key.ts"
import { type Failure, failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { Clock } from "../../system/clock.ts"
import type { ObjectRef } from "../index.ts"

/** After so long one object is let through again, to learn from its PUT whether the others may follow. */
const HELD_BACK_MS = 60_000

/** Folders with a denial of their own that are remembered; a forgotten one costs a render. */
const MOST_FOLDERS = 10_000

export type WriteAccess = {
  /** Fails store/read-only while the last PUT there was denied. Asks the store nothing and writes nothing. */
  readonly check: (ref: ObjectRef) => Result<void>
  /** What a PUT was answered; a denial holds back all others there until a PUT succeeds. */
  readonly learned: <T>(ref: ObjectRef, stored: Result<T>) => Result<T>
}

type Denial = { readonly failure: Failure; atMs: number }

/**
 * S3 tells only by a PUT whether it may be done. A bucket in which nothing could be stored yet is denied as a whole, so
 * that not every folder renders one picture in vain; in one that has taken something, policies may part its folders.
 */
export function openWriteAccess(clock: Pick<Clock, "steadyMs">): WriteAccess {
  const denials = new Map<string, Denial>()
  const writable = new Set<string>()
  const placeOf = ({ bucket, key }: ObjectRef): string => (writable.has(bucket) ? `${bucket}/${folderOf(key)}` : bucket)
  const deny = (place: string, denial: Denial): void => {
    denials.delete(place)
    denials.set(place, denial)
    const [oldest] = denials.size > MOST_FOLDERS ? denials.keys() : []
    if (oldest !== undefined) denials.delete(oldest)
  }
  return {
    check: (ref) => {
      const denial = denials.get(placeOf(ref))
      const nowMs = clock.steadyMs()
      if (denial === undefined) return done(undefined)
      if (nowMs - denial.atMs < HELD_BACK_MS) return failed(denial.failure)
      // This one alone: the others wait for what its PUT is answered.
      denial.atMs = nowMs
      return done(undefined)
    },
    learned: (ref, stored) => {
      if (stored.ok) {
        writable.add(ref.bucket)
        denials.delete(ref.bucket)
        denials.delete(placeOf(ref))
      }
      if (stored.ok || stored.failure.code !== "store/denied" || stored.failure.kind === "outage") return stored
      const denial = { failure: readOnly(ref, writable.has(ref.bucket)), atMs: clock.steadyMs() }
      deny(placeOf(ref), denial)
      return failed(denial.failure)
    },
  }
}

function readOnly({ bucket, key }: ObjectRef, isFolder: boolean): Failure {
  const where = isFolder ? `below ${JSON.stringify(folderOf(key))} in the bucket` : "in the bucket"
  return failure(
    "store/read-only",
    `Outputs cannot be written ${where} ${JSON.stringify(bucket)}: the S3 store denies PUT with these credentials; allow s3:PutObject and s3:PutObjectTagging there. Nothing is rendered for it until then.`,
  )
}
