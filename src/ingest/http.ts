import { createHash } from "node:crypto"
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http"
import type { Clock } from "../events/clock.ts"
import { done, type Result } from "../events/result.ts"
import type { DeadLetter, EventLog } from "../log/index.ts"
import { listen } from "./listen.ts"
import type { IntakeMessage, IntakeSource } from "./message.ts"
import { HEAD_BYTES, type IntakeObservation, REQUEST, takeIn, tell } from "./take-in.ts"

export type HttpIntakeOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly source: IntakeSource
  /** Longest body that is read, bytes. */
  readonly mostBodyBytes: number
  readonly append: EventLog["append"]
  readonly clock: Clock
  readonly observe: (observation: IntakeObservation) => void
}

export type HttpIntake = {
  readonly port: number
  /** Takes no new requests, answers those that are there. */
  close(): Promise<void>
}

/** A sender that takes longer has lost its way; a link of the DataEngine tries again. */
const HEADERS_WITHIN_MS = 10_000
const REQUEST_WITHIN_MS = 30_000
const MOST_CONNECTIONS = 1_000

/**
 * Takes what a function container of the VAST DataEngine is sent, and bucket notifications as webhooks, by POST at any
 * path. 204: whatever was in the body is durable, be it as arrival or as dead letter; 500: try again.
 * Fails config/invalid when the port cannot be had.
 */
export async function openHttpIntake(options: HttpIntakeOptions): Promise<Result<HttpIntake>> {
  const server = createServer((request, response) => void answer(request, response, options))
  server.requestTimeout = REQUEST_WITHIN_MS
  server.headersTimeout = HEADERS_WITHIN_MS
  server.maxConnections = MOST_CONNECTIONS
  const port = await listen(server, { ...options, setting: "OIIO_INTAKE_PORT" })
  if (!port.ok) return port
  return done({ port: port.value, close: () => new Promise((closed) => server.close(() => closed())) })
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpIntakeOptions): Promise<void> {
  if (request.method !== "POST") return end(response, 405, { allow: "POST" })
  const body = await readBody(request, options.mostBodyBytes)
  if (body === null) return
  const durable =
    "letter" in body ? await bury(body.letter, options) : await takeRequest(request.headers, body, options)
  end(response, durable.ok ? 204 : 500, {})
}

function end(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.writeHead(status, headers)
  response.end()
}

/** The body, a dead letter where it is too long, null when the sender went away. What is too long is read, but not kept. */
async function readBody(
  request: IncomingMessage,
  mostBytes: number,
): Promise<{ readonly bytes: Buffer } | { readonly letter: DeadLetter } | null> {
  const hash = createHash("sha256")
  const kept: Buffer[] = []
  let lengthBytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk)
      if (lengthBytes < mostBytes) kept.push(chunk.subarray(0, mostBytes - lengthBytes))
      lengthBytes += chunk.length
    }
  } catch (error) {
    return goneAway(error)
  }
  const bytes = Buffer.concat(kept)
  if (lengthBytes <= mostBytes) return { bytes }
  const says = `The body has more than the ${mostBytes} bytes that are read.`
  const head = bytes.subarray(0, HEAD_BYTES)
  return { letter: { topic: "dead-letter", at: REQUEST, says, lengthBytes, sha256: hash.digest("hex"), head } }
}

function goneAway(error: unknown): null {
  if (error instanceof Error && "code" in error) return null
  throw error
}

async function takeRequest(
  headers: IncomingHttpHeaders,
  { bytes }: { readonly bytes: Buffer },
  { source, append, clock, observe }: HttpIntakeOptions,
): Promise<Result<void>> {
  const message: IntakeMessage = {
    headers: attributeHeaders(headers),
    headersAreEncoded: true,
    body: bytes,
    // A message that carries no id is known by its bytes: sent again, it is the same.
    at: { request: createHash("sha256").update(bytes).digest("hex") },
  }
  const taken = takeIn(message, source, clock.nowMs())
  const records = [...taken.arrivals, ...(taken.letter === null ? [] : [taken.letter])]
  const appended = records.length === 0 ? done(undefined) : await append(records)
  if (appended.ok) tell(taken, "http", observe)
  return appended
}

async function bury(letter: DeadLetter, { append, observe }: HttpIntakeOptions): Promise<Result<void>> {
  const appended = await append([letter])
  if (appended.ok) observe({ kind: "dead-letter", topic: "http", says: letter.says })
  return appended
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
