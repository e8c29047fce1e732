import type { QueryError } from "trino-client"
import { type Failure, type FailureCode, failure } from "../../events/result.ts"
import { certificateFault } from "../../network/http.ts"

/** Another writer committed first, or the query was stopped: the same statement may work the next time. */
const PASSING =
  /COMMIT_ERROR|CONFLICT|^(?:USER_CANCELED|ABANDONED_QUERY|ADMINISTRATIVELY_KILLED|ADMINISTRATIVELY_PREEMPTED)$/

const MOST_MESSAGE_LENGTH = 300

/** A failure that still knows what Trino called it; null for one that Trino did not utter. */
export type TrinoFailure = Failure & { readonly errorName: string | null }

/** What a statement came to. */
export type StatementResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: TrinoFailure }

const unnamed = (failure: Failure): TrinoFailure => ({ ...failure, errorName: null })

/**
 * What an error of a query means. What is not the statement's own fault is an outage, also where it lies behind Trino (its
 * storage, its catalog): waiting loses nothing.
 */
export function queryFailure(error: Partial<QueryError>, host: string): TrinoFailure {
  const { errorName = "UNKNOWN", message = "" } = error
  const [code, says] = meaningOf(error)
  return { ...failure(code, `Trino at ${host} ${says} (${errorName}: ${oneLine(message)}).`), errorName }
}

function meaningOf({ errorName = "", errorType }: Partial<QueryError>): readonly [FailureCode, string] {
  if (PASSING.test(errorName)) return ["table/conflict", "gave a statement up"]
  const says = BY_SETTING[errorName]
  if (says !== undefined) return ["table/refused", says]
  return errorType === "USER_ERROR"
    ? ["table/refused", "refuses a statement"]
    : ["table/unreachable", "cannot work just now"]
}

/** What an operator can change by a setting. */
const BY_SETTING: Readonly<Record<string, string>> = {
  PERMISSION_DENIED: "does not let VAST_DB_USER do what is needed",
  CATALOG_NOT_FOUND: "has no such catalog: check VAST_DB_CATALOG",
}

const oneLine = (message: string): string =>
  message.toWellFormed().replaceAll(/\s+/g, " ").trim().slice(0, MOST_MESSAGE_LENGTH)

export const notTrino = (host: string): TrinoFailure =>
  unnamed(failure("table/unreachable", `${host} does not answer as Trino does: check VAST_DB_ENDPOINT.`))

export const closed = (host: string): TrinoFailure =>
  unnamed(failure("stopped", `The connection to Trino at ${host} was closed.`))

/**
 * The failure that an error of the HTTP client stands for. Nothing of the error itself is told: it holds the password and
 * the statement. Anything else is a bug of ours and thrown again.
 */
export function requestFailure(error: unknown, host: string): TrinoFailure {
  const { status, code } = requestErrorOf(error)
  const trino = `Trino at ${host}`
  const untrusted = certificateFault(error, { authority: "VAST_DB_CA", address: "VAST_DB_ENDPOINT" })
  if (untrusted !== null)
    return unnamed(failure("table/refused", `The certificate of ${trino} ${untrusted}.`, "outage"))
  if (status === 401)
    return unnamed(failure("table/refused", `${trino} refuses the credentials (401): ${CREDENTIALS}.`, "outage"))
  if (status === 403)
    return unnamed(failure("table/refused", `${trino} does not let this user in (403): ${CREDENTIALS}.`))
  return unnamed(failure("table/unreachable", `${trino} is out of reach (${status ?? code}): check VAST_DB_ENDPOINT.`))
}

const CREDENTIALS =
  "check VAST_DB_USER, VAST_DB_ACCESS_KEY and VAST_DB_SECRET_KEY; the password is sent over https only"

/** Whether asking for the same page again may work. */
export function isPassing(error: unknown): boolean {
  const { status, code } = requestErrorOf(error)
  return status === null ? code === "ECONNRESET" : [429, 502, 503, 504].includes(status)
}

function requestErrorOf(error: unknown): { readonly status: number | null; readonly code: string } {
  if (!isRequestError(error)) throw error
  const { response, code } = error
  const status = typeof response === "object" && response !== null && "status" in response ? response.status : null
  return {
    status: typeof status === "number" ? status : null,
    code: typeof code === "string" ? code : "no answer",
  }
}

type RequestError = { readonly response?: unknown; readonly code?: unknown }

const isRequestError = (error: unknown): error is RequestError =>
  typeof error === "object" && error !== null && "isAxiosError" in error && error.isAxiosError === true
