import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { BasicAuth, Trino } from "trino-client"
import { redactor } from "../../events/redaction.ts"
import type { Clock } from "../../system/clock.ts"
import { type HttpSettings, httpSettingsOf } from "./inside.ts"
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
