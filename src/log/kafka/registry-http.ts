import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { SETTINGS } from "./connection.ts"

export type RegistryAccess = {
  /** Base of the Confluent-compatible API. A user name and password within it are taken as `auth`. */
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: string }
}

export type Answer = { readonly status: number; readonly body: unknown }

export type Asked = { readonly method: "GET" | "PUT" | "POST"; readonly path: string; readonly body?: unknown }

/** Asks the registry. Fails registry/unreachable (no answer in time, or none that a registry in order gives), registry/refused. */
export type Ask = (asked: Asked) => Promise<Result<Answer>>

/** The registry's address without credentials, for sentences, and with them apart. */
export type RegistryAddress = {
  readonly url: string
  readonly auth: { readonly username: string; readonly password: string } | null
}

/** A registry that accepts and never answers is as good as none. */
export const ANSWERS_WITHIN_MS = 4_000

export function registryAddress({ url, auth }: RegistryAccess): Result<RegistryAddress> {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    return failed(failure("registry/refused", `${SETTINGS.registry} is not an http or https address.`))
  }
  const { username, password } = parsed
  const inside =
    username === "" ? null : { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  parsed.username = ""
  parsed.password = ""
  return done({ url: parsed.href.replace(/\/+$/, ""), auth: auth ?? inside })
}

/** Plain requests with a time limit, which the registry's own client lacks; it also reports a lost network as status 400. */
export function askRegistry({ url, auth }: RegistryAddress): Ask {
  const headers = {
    accept: "application/vnd.schemaregistry.v1+json, application/json",
    "content-type": "application/vnd.schemaregistry.v1+json",
    ...(auth === null
      ? {}
      : { authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}` }),
  }
  return async ({ method, path, body }) => {
    const doing = `${method} ${url}${path}`
    try {
      const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS)
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const response = await fetch(`${url}${path}`, { method, headers, signal, ...sent })
      return judged(doing, response.status, await response.text())
    } catch (error) {
      return failed(failure("registry/unreachable", `${doing}: ${classify(error)}.`))
    }
  }
}

function judged(doing: string, status: number, text: string): Result<Answer> {
  if (status === 401 || status === 403) {
    return failed(failure("registry/refused", `${doing} answers ${status}: the registry refused the user or password.`))
  }
  if (status >= 500 || status === 429) return failed(failure("registry/unreachable", `${doing} answers ${status}.`))
  return done({ status, body: parsed(text) })
}

/** Null for what is no JSON: some other server answered. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** fetch gives TypeErrors for a lost network and a DOMException for a time limit; anything else is none of its making. */
function classify(error: unknown): string {
  if (!(error instanceof Error)) throw error
  if (error.name === "TimeoutError") return `no answer in ${ANSWERS_WITHIN_MS / 1000} s`
  const { cause } = error
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message
}
