/** Known outputs in this process's memory: what it stored itself, and what the log tells that others stored. */

import { namesOfOutput, type OutputNames } from "../element/output-places.ts"
import { THUMBNAIL } from "../element/profiles.ts"
import { done, type Failure, type Result } from "../events/result.ts"
import type { EventLog, LogEnd, StoredRecord } from "../log/index.ts"
import type { Clock } from "../system/clock.ts"
import { type KnownOutputs, MOST_NAMES } from "./index.ts"

/** 200 bytes each: some 20 MB at most. */
const MOST_REMEMBERED = 100_000

/** What this process has stored or was told of, the oldest forgotten first; nothing outlives it. */
export function openMemoryKnownOutputs({ mostRemembered = MOST_REMEMBERED } = {}): KnownOutputs {
  const byNames = new Map<string, { readonly pictureKey: string; readonly names: OutputNames }>()
  const byPicture = new Map<string, Set<string>>()
  const forget = (id: string): void => {
    const known = byNames.get(id)
    if (known === undefined) return
    byNames.delete(id)
    const ids = byPicture.get(known.pictureKey)
    ids?.delete(id)
    if (ids?.size === 0) byPicture.delete(known.pictureKey)
  }
  return {
    find: async (pictureKey) => {
      const ids = [...(byPicture.get(pictureKey) ?? [])].reverse().slice(0, MOST_NAMES)
      return done(ids.flatMap((id) => byNames.get(id)?.names ?? []))
    },
    remember: async (pictureKey, names) => {
      const id = JSON.stringify([names.bucket, names.stem])
      forget(id)
      byNames.set(id, { pictureKey, names })
      byPicture.set(pictureKey, (byPicture.get(pictureKey) ?? new Set()).add(id))
      const [oldest] = byNames.keys()
      if (byNames.size > mostRemembered && oldest !== undefined) forget(oldest)
      return done(undefined)
    },
  }
}

export type FollowingLog = {
  readonly log: Pick<EventLog, "read" | "ends">
  readonly clock: Clock
  /** What remembers. */
  readonly known: KnownOutputs
  /** Newest facts that are read at the start. */
  readonly newest?: number
}

/** Hears that the log cannot be read; it is tried again after this time. */
type Waits = (failure: Failure, waitMs: number) => void

export type KnownOutputsFromLog = {
  readonly known: KnownOutputs
  /** Reads the log until it is told to stop; never given up, since a memory that is incomplete costs renders only. */
  readonly follow: (stop: AbortSignal, waits: Waits) => Promise<void>
}

const RETRY_MS = 10_000

/** Longest that a search waits for what the log told before this process began, from its start on. */
const PATIENCE_MS = 60_000

/**
 * Knows outputs that any worker made, whenever it made them: ProxyMade says where they are and of which picture, and is kept
 * for ever. The newest facts are read at the start, then every new one as it comes.
 */
export function knownOutputsFromLog({ newest = MOST_REMEMBERED, ...of }: FollowingLog): KnownOutputsFromLog {
  let caughtUp: Promise<unknown> = Promise.resolve()
  return {
    known: {
      find: async (pictureKey) => {
        await caughtUp
        return of.known.find(pictureKey)
      },
      remember: of.known.remember,
    },
    follow: async (stop, waits) => {
      const first = Promise.withResolvers<void>()
      caughtUp = Promise.race([first.promise, of.clock.sleep(PATIENCE_MS, stop)])
      while (!stop.aborted) {
        const broken = await followOnce(of, { newest, stop, caughtUp: first.resolve })
        if (broken === null) return
        waits(broken, RETRY_MS)
        await of.clock.sleep(RETRY_MS, stop)
      }
    },
  }
}

type Following = { readonly newest: number; readonly stop: AbortSignal; readonly caughtUp: () => void }

/** Resolves with why the log can be read no further; null when it was told to stop. */
async function followOnce(
  { log, known }: Pick<FollowingLog, "log" | "known">,
  { newest, stop, caughtUp }: Following,
): Promise<Failure | null> {
  const ends = await log.ends(["proxy-made"])
  if (!ends.ok) return ends.failure
  const missed = await rememberAll(known, log.read("proxy-made", { from: beginnings(ends.value, newest) }), stop)
  if (missed !== null || stop.aborted) return missed
  caughtUp()
  return rememberAll(known, log.read("proxy-made", { from: ends.value, follow: stop }), stop)
}

/** The newest facts are spread over the partitions as all are. */
const beginnings = (ends: LogEnd, newest: number): LogEnd =>
  ends.map((end) => ({ ...end, offset: Math.max(0, end.offset - Math.ceil(newest / ends.length)) }))

async function rememberAll(
  known: KnownOutputs,
  records: AsyncIterable<Result<StoredRecord>>,
  stop: AbortSignal,
): Promise<Failure | null> {
  for await (const record of records) {
    if (stop.aborted) return null
    const remembered = record.ok ? await remember(known, record.value) : record
    if (!remembered.ok) return remembered.failure
  }
  return null
}

async function remember(known: KnownOutputs, { content }: StoredRecord): Promise<Result<void>> {
  if (!("fact" in content) || content.fact.topic !== "proxy-made") return done(undefined)
  const { pictureKey, element, thumbnail } = content.fact.value
  const names = namesOfOutput({ bucket: thumbnail.bucket ?? element.bucket, key: thumbnail.key }, THUMBNAIL)
  return pictureKey === null || names === null ? done(undefined) : known.remember(pictureKey, names)
}
