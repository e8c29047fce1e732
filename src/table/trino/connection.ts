/** The connection to a Trino server, and what its client keeps to itself. */

import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { BasicAuth, Trino } from "trino-client"
import { redactor } from "../../events/redaction.ts"
import type { Clock } from "../../system/clock.ts"
import type { TrinoTimeouts } from "./timeouts.ts"

export type TrinoConnection = {
  /** Address of the coordinator. */
  readonly endpoint: string
  readonly user: string
  /** Sent over TLS only; null: the server asks for none. */
  readonly password: string | null
  /** Authority that signed the server's certificate, PEM; null: those that Node knows. */
  readonly ca: string | null
  readonly timeouts: TrinoTimeouts
}

/** A client of its own for every statement: the client collects session properties and headers from each answer. */
export type Connection = {
  /** Without credentials, for sentences. */
  readonly host: string
  readonly timeouts: TrinoTimeouts
  readonly clock: Clock
  /** 0 up to 1: jitter of back-offs, nothing else. */
  readonly random: () => number
  /** Aborts when the table is closed. */
  readonly closing: AbortSignal
  /** Blots the password out of what the server says. */
  readonly redact: (text: string) => string
  client(): { readonly trino: Trino; readonly http: HttpSettings }
  close(): void
}

const SOURCE = "oiio-proxy-generator"

export function openConnection(
  options: TrinoConnection,
  { clock, random }: Pick<Connection, "clock" | "random">,
): Connection {
  const { endpoint, timeouts, ca } = options
  const closing = new AbortController()
  const httpAgent = new HttpAgent({ keepAlive: true })
  const httpsAgent = new HttpsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) })
  return {
    host: new URL(endpoint).host,
    timeouts,
    clock,
    random,
    closing: closing.signal,
    redact: redactor(options.password === null ? [] : [options.password]),
    client: () => {
      const trino = Trino.create({ server: new URL(endpoint).origin, source: SOURCE, ...identityOf(options) })
      const http = httpSettingsOf(trino)
      Object.assign(http, { httpAgent, httpsAgent, timeout: timeouts.requestMs })
      return { trino, http }
    },
    close: () => {
      closing.abort()
      httpAgent.destroy()
      httpsAgent.destroy()
    },
  }
}

/** Over plain HTTP Trino takes any name without a password, and a password would travel for everybody to read. */
const identityOf = ({ endpoint, user, password }: TrinoConnection) =>
  password !== null && endpoint.startsWith("https:")
    ? { auth: new BasicAuth(user, password) }
    : { extraHeaders: { "X-Trino-User": user } }

/** HTTP settings of one client, as axios names them; read for each request. */
export type HttpSettings = {
  signal?: AbortSignal
  timeout?: number
  httpAgent?: HttpAgent
  httpsAgent?: HttpsAgent
}

/**
 * What trino-client 0.2.9 keeps to itself and we cannot do without: a time limit and a signal for its requests, and the
 * id of a query before its first row. The version is pinned; another one that looks different inside fails at once.
 */
const httpSettingsOf = (trino: Trino): HttpSettings => inner(inner(trino, "client"), "clientConfig")

/** What the server said last, whatever it was. */
export const lastAnswer = (iterator: object): unknown => held(inner(iterator, "iter"), "queryResult")

function inner(outer: object, name: string): object {
  const found = held(outer, name)
  if (typeof found !== "object" || found === null) throw new TypeError(`trino-client keeps no ${name} any more`)
  return found
}

const held = (outer: object, name: string): unknown => Object.getOwnPropertyDescriptor(outer, name)?.value
