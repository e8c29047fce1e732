/**
 * Runs statements of Trino: page by page, again where another writer was first, one after the other or side by side.
 */

import type { QueryResult } from "trino-client"
import { allOf, done, type Result } from "../../events/result.ts"
import { type Backoff, backoffMs } from "../../system/clock.ts"
import { PROJECTIONS, type Projection } from "../sqlite-schema.ts"
import { type Connection, type HttpSettings, lastAnswer } from "./connection.ts"
import {
  closed,
  isPassing,
  notTrino,
  queryFailure,
  requestFailure,
  type StatementResult,
  type TrinoFailure,
} from "./failure.ts"

export type RowValues = readonly unknown[]

type ResultPages = AsyncIterator<QueryResult>

/**
 * How long we wait before asking for a page again, milliseconds; it doubles up to the limit, for as long as the
 * statement may take.
 */
const PAGE_BACKOFF: Backoff = { firstMs: 50, mostMs: 2_000 }

/** How long stopping a query may take, milliseconds; the content of the answer is not needed. */
const CANCEL_MS = 5_000

/**
 * Runs a statement and yields its rows page by page, waiting for each at most the statement's time. A failure is the last
 * value. Whoever leaves early ends the query on the server.
 */
export async function* pagesOf(
  connection: Connection,
  sql: string,
): AsyncGenerator<StatementResult<readonly RowValues[]>> {
  const { trino, http } = connection.client()
  let answers: ResultPages | null = null
  let isOver = false
  try {
    limit(connection, http)
    const posted = await trino.query(sql)
    answers = posted
    for (let last: unknown = null; !isOver; ) {
      const { value, done: isLast } = await next(connection, http, posted)
      const broken = wrongIn(value, connection)
      isOver = isLast === true || broken !== null
      if (broken !== null) return yield { ok: false, failure: broken }
      // The last answer comes twice.
      if (value !== last && value.data !== undefined) yield { ok: true, value: value.data }
      last = value
    }
  } catch (error) {
    yield { ok: false, failure: thrown(connection, answers, error) }
  } finally {
    if (!isOver && answers !== null) await cancel(connection, lastAnswer(answers))
  }
}

/** The client stumbles over an answer that is no object: that is the server's doing. */
function thrown({ closing, host }: Connection, answers: ResultPages | null, error: unknown): TrinoFailure {
  if (closing.aborted) return closed(host)
  return answers !== null && !isAnswer(lastAnswer(answers)) ? notTrino(host) : requestFailure(error, host)
}

const isAnswer = (answer: unknown): answer is { readonly id: string } =>
  typeof answer === "object" && answer !== null && "id" in answer && typeof answer.id === "string"

/** From now on: what a request may take, and all of them up to the next page. */
function limit({ timeouts, closing }: Connection, http: HttpSettings): void {
  http.signal = AbortSignal.any([closing, AbortSignal.timeout(timeouts.statementMs)])
}

/** Any page may be asked for again: the server keeps it until the one after it is asked for. */
async function next(
  connection: Connection,
  http: HttpSettings,
  answers: ResultPages,
): Promise<IteratorResult<QueryResult>> {
  limit(connection, http)
  for (let tries = 1; ; tries++) {
    try {
      return await answers.next()
    } catch (error) {
      if (http.signal?.aborted || !isPassing(error)) throw error
    }
    await connection.clock.sleep(backoffMs(tries, PAGE_BACKOFF), http.signal)
  }
}

/** Errors are values here, in any answer, also in the first and the last. */
function wrongIn(answer: unknown, { host, redact }: Connection): TrinoFailure | null {
  if (!isAnswer(answer)) return notTrino(host)
  if (!("error" in answer) || answer.error === undefined) return null
  const { says, ...wrong } = queryFailure(answer.error as object, host)
  return { ...wrong, says: redact(says) }
}

/** Stops the query on the server, which would otherwise work on although its rows are not wanted any more. */
async function cancel(connection: Connection, answer: unknown): Promise<void> {
  if (!isAnswer(answer)) return
  const { trino, http } = connection.client()
  http.signal = AbortSignal.timeout(CANCEL_MS)
  try {
    await trino.cancel(answer.id)
  } catch (error) {
    // Out of reach, or over by now. The server ends a query that is not asked for any more by itself, only later.
    requestFailure(error, connection.host)
  }
}

/** Runs a statement to its end; all its rows. */
export async function run(connection: Connection, sql: string): Promise<StatementResult<readonly RowValues[]>> {
  const rows: RowValues[] = []
  for await (const page of pagesOf(connection, sql)) {
    if (!page.ok) return page
    rows.push(...page.value)
  }
  return { ok: true, value: rows }
}

/** How often a statement is tried against other writers, and how long we wait between. */
type Patience = Backoff & { readonly mostTries: number }

const PATIENCE: Patience = { mostTries: 8, firstMs: 200, mostMs: 5_000 }

/**
 * For a writer that others must not wait for: who commits last of two fails, so against a projector that commits without
 * a pause only many quick tries find the gap.
 */
export const AGAINST_A_STREAM: Patience = { mostTries: 150, firstMs: 50, mostMs: 400 }

/** Runs a statement that may be repeated, also when another writer was quicker; table/conflict when all were. */
export async function commit(
  connection: Connection,
  sql: string,
  patience: Patience = PATIENCE,
): Promise<StatementResult<readonly RowValues[]>> {
  for (let tries = 1; ; tries++) {
    const ran = await run(connection, sql)
    if (ran.ok || ran.failure.code !== "table/conflict" || tries === patience.mostTries) return ran
    await connection.clock.sleep(backoffMs(tries, patience, connection.random()), connection.closing)
  }
}

/** Does something to both tables side by side; their answers in order, or the first failure once both are through. */
export async function forEachProjection<T>(
  work: (projection: Projection, index: number) => Promise<Result<T>>,
): Promise<Result<readonly T[]>> {
  return allOf(await Promise.all(PROJECTIONS.map(work)))
}

/** Does one after the other until one fails. */
export async function inTurn(statements: Iterable<() => Promise<Result<unknown>>>): Promise<Result<void>> {
  for (const statement of statements) {
    const result = await statement()
    if (!result.ok) return result
  }
  return done(undefined)
}
