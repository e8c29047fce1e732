import { unescape as unescaped } from "node:querystring"
import type { WriterSchemas } from "../../events/codec.ts"
import { redactor } from "../../events/redaction.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { SETTINGS } from "../../kafka/failures.ts"
import { certificateFault, exchangeHttp, type HttpAnswer } from "../../network/http.ts"
import type { Clock } from "../../system/clock.ts"

export type RegistryAccess = {
  /** Base of the Confluent-compatible API. A user name and password within it are taken as `auth`. */
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: string }
  /** PEM text of the authorities that may have signed the registry's certificate; without it those that Node knows. */
  readonly ca?: string
}

export type RegistryAnswer = {
  readonly status: number
  readonly body: unknown
  /** The beginning of the body, for messages; the password is blotted out, should the server repeat it. */
  readonly words: string
}

export type RegistryRequest = {
  readonly method: "GET" | "PUT" | "POST"
  readonly path: string
  readonly body?: unknown
}

/** Asks the registry. Fails registry/unreachable (no answer in time, or one that no working registry gives), registry/refused. */
export type AskRegistry = (request: RegistryRequest) => Promise<Result<RegistryAnswer>>

/** The registry's address, free of credentials so that messages may hold it, and the credentials. */
export type RegistryAddress = {
  readonly url: string
  readonly auth: { readonly username: string; readonly password: string } | null
  readonly ca: string | null
  /** Blots the password out of what the registry says. */
  readonly redact: (text: string) => string
}

/** Time limit of a question that is asked again anyway: a registry that accepts and never answers is as good as none. */
const ANSWERS_WITHIN_MS = 4_000

/**
 * Time limit of a question whose failure ends a command or a start. It is longer, because a registry that collects its garbage
 * or whose machine is busy may need seconds.
 */
export const GIVEN_UP_AFTER_MS = 12_000

export function registryAddress({ url, auth, ca }: RegistryAccess): Result<RegistryAddress> {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    return failed(failure("registry/refused", `${SETTINGS.registry} is not an http or https address.`))
  }
  const { username, password } = parsed
  const inside = username === "" ? null : { username: unescaped(username), password: unescaped(password) }
  parsed.username = ""
  parsed.password = ""
  const found = auth ?? inside
  // A token may stand in the user's place.
  const secrets = found === null ? [] : [found.password === "" ? found.username : found.password]
  return done({ url: parsed.href.replace(/\/+$/, ""), auth: found, ca: ca ?? null, redact: redactor(secrets) })
}

/** Asks with one time limit for all answers together, which begins now: a start asks several things in turn. */
export function askAtStart(address: RegistryAddress, clock: Pick<Clock, "steadyMs">): AskRegistry {
  const endMs = clock.steadyMs() + GIVEN_UP_AFTER_MS
  return askRegistry(address, () => Math.max(1, Math.round(endMs - clock.steadyMs())))
}

/**
 * Plain requests with a time limit, which the registry's own client lacks; it also reports a lost network as status 400.
 * `limitMs` is asked before each request.
 */
export function askRegistry(
  { url, auth, ca, redact }: RegistryAddress,
  limitMs = () => ANSWERS_WITHIN_MS,
): AskRegistry {
  const headers = {
    accept: "application/vnd.schemaregistry.v1+json, application/json",
    "content-type": "application/vnd.schemaregistry.v1+json",
    ...(auth === null
      ? {}
      : { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}` }),
  }
  return async ({ method, path, body }) => {
    const doing = `${method} ${url}${path}`
    const withinMs = limitMs()
    try {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const how = { method, headers, ca, withinMs, ...sent }
      return judged(doing, await exchangeHttp(`${url}${path}`, how), redact)
    } catch (error) {
      const untrusted = certificateFault(error, { authority: SETTINGS.registryCa, address: SETTINGS.registry })
      if (untrusted !== null) return failed(failure("registry/refused", `the certificate of ${url} ${untrusted}.`))
      return failed(failure("registry/unreachable", `${doing}: ${classify(error, withinMs)}.`))
    }
  }
}

function judged(
  doing: string,
  { status, text, location }: HttpAnswer,
  redact: (text: string) => string,
): Result<RegistryAnswer> {
  if (status >= 300 && status < 400)
    return failed(failure("registry/refused", `${doing} answers ${status}: the registry is at ${originOf(location)}.`))
  if (status === 401 || status === 403) {
    return failed(failure("registry/refused", `${doing} answers ${status}: the registry refused the user or password.`))
  }
  if (status >= 500 || status === 429) return failed(failure("registry/unreachable", `${doing} answers ${status}.`))
  return done({ status, body: parsed(text), words: redact(text).slice(0, MOST_WORDS) })
}

const MOST_WORDS = 200

/** The origin of an address alone: the rest may hold a password. */
const originOf = (location: string): string => URL.parse(location)?.origin ?? "another address"

/** The parsed JSON. Null where it is none, because some other server answered. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Node gives errors with a code for a lost network and a TimeoutError for a time limit; anything else is a bug of ours. */
function classify(error: unknown, withinMs: number): string {
  if (!(error instanceof Error)) throw error
  if (error.name === "TimeoutError") return `no answer in ${Math.ceil(withinMs / 1000)} s`
  if (!("code" in error)) throw error
  // Where a name has several addresses, the outer error has no message and holds one error for each.
  const [first = error] = error instanceof AggregateError ? error.errors : []
  return first instanceof Error && first.message !== "" ? first.message : String(error.code)
}

/** How long an id that the registry does not know is not asked for again, and how many such ids are remembered. */
const MISSED_FOR_MS = 30_000
const MISSES_REMEMBERED = 1_000

/** Writer schemas by id: fetched once each, then answered from memory, through any outage of the registry. */
export type SchemaCache = {
  /** Makes `text` able to answer for this id. Fails registry/unreachable, registry/refused. */
  look(id: number): Promise<Result<void>>
  /** Whether `text` can answer already. */
  knows(id: number): boolean
  /** Text of a schema that was looked for; null for an id that the registry does not know. */
  readonly text: WriterSchemas
}

export function createSchemaCache(ask: AskRegistry, clock: Clock): SchemaCache {
  const texts = new Map<number, string>()
  const missedUntilMs = new Map<number, number>()
  const knows = (id: number): boolean => texts.has(id) || (missedUntilMs.get(id) ?? 0) > clock.steadyMs()
  return {
    knows,
    text: (id) => texts.get(id) ?? null,
    look: async (id) => {
      if (knows(id)) return done(undefined)
      const answer = await ask({ method: "GET", path: `/schemas/ids/${id}` })
      if (!answer.ok) return answer
      const text = schemaIn(answer.value)
      if (text !== null) texts.set(id, text)
      else if (errorCodeIn(answer.value) !== 40403) return strangeAnswer(`/schemas/ids/${id}`, answer.value)
      else {
        if (missedUntilMs.size >= MISSES_REMEMBERED) missedUntilMs.clear()
        missedUntilMs.set(id, clock.steadyMs() + MISSED_FOR_MS)
      }
      return done(undefined)
    },
  }
}

export const textField = (body: unknown, name: string): string | null => {
  const value = body !== null && typeof body === "object" ? Reflect.get(body, name) : null
  return typeof value === "string" ? value : null
}

export const numberField = (body: unknown, name: string): number | null => {
  const value = body !== null && typeof body === "object" ? Reflect.get(body, name) : null
  return typeof value === "number" ? value : null
}

const schemaIn = ({ status, body }: RegistryAnswer): string | null =>
  status === 200 ? textField(body, "schema") : null

const errorCodeIn = ({ body }: RegistryAnswer): number | null => numberField(body, "error_code")

/** An answer that no working registry gives. A proxy in front of one that restarts does, so it counts as an outage. */
export const strangeAnswer = (path: string, { status, words }: RegistryAnswer): Result<never> =>
  failed(failure("registry/unreachable", `${path} answers ${status}: ${words === "" ? "nothing" : words}.`))
