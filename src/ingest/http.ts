import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http"
import { createServer as createTlsServer } from "node:https"
import { done, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { answerAll, listen } from "../network/listen.ts"
import type { Clock } from "../system/clock.ts"
import { stackOf } from "../system/unattended.ts"
import type { IntakeMessage, IntakeSource } from "./arrival/message.ts"
import { gate, type HttpAccess, isSigned, REFUSALS, type Refusal, unproven } from "./http/access.ts"
import {
  type Allowance,
  type Body,
  type ConnectionLimits,
  type Connections,
  createAllowance,
  limitConnections,
  readBody,
} from "./http/limits.ts"
import { type Existing, takeRequest, type VersionOf } from "./http/take-request.ts"
import type { Intake, IntakeObservation } from "./index.ts"

export type HttpIntakeOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly source: IntakeSource
  readonly access: HttpAccess
  readonly limits: HttpLimits
  /** Where senders need no authentication, they are believed only of what is there, or was; null believes every sender. */
  readonly exists: Existing | null
  /** Asked for bodies that name an object and nothing else. Without it such a body has one id, however often it comes. */
  readonly versionOf?: VersionOf
  readonly append: EventLog["append"]
  readonly clock: Clock
  readonly observe: (observation: IntakeObservation) => void
}

export type HttpLimits = ConnectionLimits & {
  /** Longest body that is read, bytes. */
  readonly mostBodyBytes: number
  /** Most records of one body. */
  readonly mostRecords: number
  /** Records that one sender may bring, at once and every minute again. */
  readonly recordsPerMinute: number
  /** Slowest body, bytes a second. */
  readonly leastBytesPerSecond: number
  /** Until the headers of a request are there, and over which a body's throughput is measured. */
  readonly patienceMs: number
}

/**
 * It answers from the moment it is opened; running it takes no new requests after `stop`, and answers those that are
 * there.
 */
export type HttpIntake = Intake & { readonly port: number }

type OpenIntake = HttpIntakeOptions & { readonly connections: Connections; readonly allowance: Allowance }

/** How often Node looks for connections that are too slow; its default is 30 s. */
const LOOK_EVERY_MS = 1_000
/** Upper limit for one request, however generous the other limits are. */
const REQUEST_WITHIN_MS = 300_000
const KEEP_ALIVE_MS = 5_000
const HANDSHAKE_WITHIN_MS = 10_000

/**
 * Takes what a function container of the VAST DataEngine is sent, and bucket notifications as webhooks, by POST at any
 * path. 204: whatever was in the body is durable, be it as arrival or as dead letter; 4xx: refused, and why; 429, 500 and
 * 503: try again. docs/securing-the-intake.md says who may send and how much. Fails config/invalid when the port cannot
 * be had.
 */
export async function openHttpIntake(options: HttpIntakeOptions): Promise<Result<HttpIntake>> {
  const server = serverFor(options)
  const open = {
    ...options,
    connections: limitConnections(server, options.limits),
    allowance: createAllowance(options.limits.recordsPerMinute, options.clock),
  }
  const broken = answerAll(server, {
    answer: (request, response) => answer(request, response, open),
    failed: (response, bug) => refuse(response, bugIn(bug), open),
    notAccepted: ({ message }) =>
      options.observe({ kind: "refused", from: "http", reason: "connections", says: message }),
  })
  const port = await listen(server, { ...options, setting: "OIIO_INTAKE_PORT" })
  if (!port.ok) return port
  return done({ port: port.value, run: (stop) => serve(server, broken, stop) })
}

function serverFor({ access: { tls }, limits: { patienceMs } }: HttpIntakeOptions): Server {
  const timing = {
    headersTimeout: patienceMs,
    requestTimeout: Math.max(patienceMs, REQUEST_WITHIN_MS),
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, patienceMs),
  }
  if (tls === null) return createServer(timing)
  const { cert, key, clientCa } = tls
  const ofClients = clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }
  return createTlsServer({ ...timing, cert, key, ...ofClients, handshakeTimeout: HANDSHAKE_WITHIN_MS })
}

/** Rejects with a bug that kept a refusal from being told: the process ends with it. */
async function serve(server: Server, broken: Promise<never>, stop: AbortSignal): Promise<null> {
  const stopped = new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }))
  try {
    if (!stop.aborted) await Promise.race([stopped, broken])
  } finally {
    await closed(server)
  }
  return null
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    // A sender that keeps its connection for the next request would be waited for.
    server.closeIdleConnections()
  })

const bugIn = (bug: unknown): Refusal => ({
  reason: "bug",
  says: `The request could not be answered (${bug instanceof Error ? bug.name : typeof bug}); try again.`,
  stack: stackOf(bug),
})

async function answer(request: IncomingMessage, response: ServerResponse, open: OpenIntake): Promise<void> {
  const { connections, access, limits, clock } = open
  const admitted = connections.admits(request, response)
  const passed = admitted ? gate(request, access, clock) : tooMany
  const body = await readBody(request, {
    clock,
    mostBytes: limits.mostBodyBytes,
    leastBytesPerSecond: limits.leastBytesPerSecond,
    windowMs: limits.patienceMs,
  })
  if (body === "gone") return
  const refusal = "reason" in passed ? passed : await taken(request, body, { ...open, ...passed })
  if (refusal !== null) return refuse(response, refusal, open)
  response.writeHead(204)
  response.end()
}

const tooMany: Refusal = {
  reason: "connections",
  says: "Too many connections at once; try again (OIIO_INTAKE_CONNECTIONS).",
  headers: { "retry-after": "1" },
}

/** Null once everything in the body is durable; else why it is refused. */
async function taken(
  { headers, socket }: IncomingMessage,
  body: Exclude<Body, "gone">,
  open: OpenIntake & { readonly mustBeSigned: boolean },
): Promise<Refusal | null> {
  const { access, limits } = open
  if (body === "too-slow") return { reason: "slow-body", says: "The body came too slowly (OIIO_LEAST_THROUGHPUT)." }
  if (body === "too-large") {
    const says = `The body has more than the ${limits.mostBodyBytes} bytes that are read (OIIO_INTAKE_BODY).`
    return { reason: "large-body", says }
  }
  if (open.mustBeSigned && !isSigned(headers, body.bytes, access.secrets))
    return unproven("The signature does not fit the body.")
  const message: IntakeMessage = {
    headers: attributeHeaders(headers),
    headersAreEncoded: true,
    body: body.bytes,
    at: { request: body.sha256 },
    timestampMs: null,
  }
  return takeRequest(message, { ...open, address: socket.remoteAddress ?? "" })
}

/** The sender is answered before the observer is told, because the observer may be what is broken. */
function refuse(response: ServerResponse, { reason, says, headers, stack }: Refusal, { observe }: OpenIntake): void {
  const status = REFUSALS[reason]
  if (response.headersSent) response.destroy()
  else {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close", ...headers })
    response.end(`${says}\n`)
  }
  observe({ kind: "refused", from: "http", reason, says, ...(stack === undefined ? {} : { stack }) })
}

/** Binary mode writes attributes as ce-name; Node reads headers as Latin-1, senders write UTF-8. */
function attributeHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.at(-1) : value
    if (text === undefined) continue
    if (name.startsWith("ce-")) found[`ce_${name.slice(3)}`] = utf8Of(text)
    if (name === "traceparent" || name === "tracestate") found[name] = text
  }
  return found
}

function utf8Of(text: string): string {
  const utf8 = Buffer.from(text, "latin1").toString("utf8")
  return utf8.includes("\ufffd") ? text : utf8
}
