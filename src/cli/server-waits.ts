import { type Failure, failed, failure, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { DEFAULT_TIMEOUTS as TRINO_TIMEOUTS } from "../table/trino/timeouts.ts"
import type { Call } from "./command.ts"

/** A server, or a question to one, that a command waits for. */
export type ServerWait = {
  /** Name of the server with the setting that holds its address, such as `Trino (VAST_DB_ENDPOINT)`. */
  readonly name: string
  /** Failure code when no answer comes in time. */
  readonly code: Failure["code"]
  /** Longest wait, milliseconds. */
  readonly mostMs: number
}

/** Adapters give up opening after 15 s by themselves. */
const OPENS_WITHIN_MS = 20_000

export const TRINO: ServerWait = {
  name: "Trino (VAST_DB_ENDPOINT)",
  code: "table/unreachable",
  mostMs: OPENS_WITHIN_MS,
}
export const KAFKA: ServerWait = { name: "Kafka (KAFKA_BROKER)", code: "log/unreachable", mostMs: OPENS_WITHIN_MS }

/** Longest wait for one page of rows: the limit of the table adapter. */
export const TABLE_ROWS = { name: "rows of the table", mostMs: TRINO_TIMEOUTS.statementMs } as const

type Surroundings = Pick<Call, "io" | "clock">

/** How long a command may be silent before a user would think that it hangs. */
const QUIET_MS = 3_000

/** Waits for `work`, at most `mostMs`. After a few seconds a note on stderr names what is waited for. */
export async function waitFor<T>(
  { io, clock }: Surroundings,
  { name, code, mostMs }: ServerWait,
  work: Promise<Result<T>>,
): Promise<Result<T>> {
  const answered = new AbortController()
  const late = async (): Promise<Result<T>> => {
    await noteWhileWaiting({ io, clock }, { name, mostMs }, answered.signal)
    await clock.sleep(Math.max(0, mostMs - QUIET_MS), answered.signal)
    return failed(failure(code, `${name}: no answer within ${mostMs / 1000} s.`))
  }
  try {
    return await Promise.race([work, late()])
  } finally {
    answered.abort()
  }
}

async function noteWhileWaiting(
  { io, clock }: { readonly io: Pick<Call["io"], "stderr">; readonly clock: Pick<Clock, "sleep"> },
  { name, mostMs }: Pick<ServerWait, "name" | "mostMs">,
  answered: AbortSignal,
): Promise<void> {
  await clock.sleep(Math.min(QUIET_MS, mostMs), answered)
  if (!answered.aborted && mostMs > QUIET_MS) io.stderr.write(`waiting for ${name}, at most ${mostMs / 1000} s\n`)
}

/** Passes rows on. Where one takes long, a note on stderr names what is waited for; the adapter bounds each wait. */
export async function* sayingWaits<T>(
  surroundings: Surroundings,
  waitedFor: Pick<ServerWait, "name" | "mostMs">,
  rows: AsyncIterable<T>,
): AsyncGenerator<T> {
  const iterator = rows[Symbol.asyncIterator]()
  let isOver = false
  try {
    for (;;) {
      const answered = new AbortController()
      const noted = noteWhileWaiting(surroundings, waitedFor, answered.signal)
      const asked = iterator.next().finally(() => answered.abort())
      const next = await Promise.race([asked, noted.then(() => asked)])
      isOver = next.done === true
      if (isOver) return
      yield next.value
    }
  } finally {
    if (!isOver) await iterator.return?.()
  }
}
