import { namesOfOutput } from "../element/output-places.ts"
import { THUMBNAIL } from "../element/profiles.ts"
import type { Failure } from "../events/failure.ts"
import { done, type Result } from "../events/result.ts"
import type { EventLog, LogEnd, StoredRecord } from "../log/index.ts"
import type { Clock } from "../system/clock.ts"
import type { KnownOutputs } from "./index.ts"
import { MOST_REMEMBERED } from "./memory.ts"

export type FollowingLog = {
  readonly log: Pick<EventLog, "read" | "ends">
  readonly clock: Clock
  /** What remembers. */
  readonly known: KnownOutputs
  /** Newest facts that are read at the start. */
  readonly newest?: number
}

/** Hears that the log cannot be read; it is tried again after this time. */
export type Waits = (failure: Failure, waitMs: number) => void

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
