// The page's own server: what is asked of it, and with which token.

import { eventReader, type ServerEvent } from "../event-stream.ts"

/** Why there is no answer, as a person reads it. */
export type Refused = { readonly kind: "token" | "waiting" | "refused" | "unreachable"; readonly says: string }

export type Answer<Value> = { readonly ok: true; readonly value: Value } | ({ readonly ok: false } & Refused)

export type Server = {
  readonly get: <Value>(path: string, signal?: AbortSignal) => Promise<Answer<Value>>
  readonly post: <Value>(path: string, body: unknown) => Promise<Answer<Value>>
  /** Reads events until `stop`, and connects again behind the last one; `onState` says whether it is connected. */
  readonly listen: (listener: Listener, stop: AbortSignal) => Promise<void>
}

export type Listener = {
  readonly onEvent: (event: ServerEvent) => void
  readonly onState: (isConnected: boolean) => void
}

const BASE = "/api/v1"
const KEPT_AS = "oiio-proxy-generator.token"

/** Of this tab alone, and never part of an address. */
export const keepToken = (token: string): void => sessionStorage.setItem(KEPT_AS, token)

function headers(): Record<string, string> {
  const token = sessionStorage.getItem(KEPT_AS)
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

export function openServer(onRefused: (refused: Refused | null) => void): Server {
  const ask = async <Value>(path: string, options: RequestInit): Promise<Answer<Value>> => {
    const answer = await answerOf<Value>(path, options)
    if (answer.ok) onRefused(null)
    else if (answer.kind !== "refused" && options.signal?.aborted !== true) onRefused(answer)
    return answer
  }
  return {
    get: (path, signal) => ask(path, { headers: headers(), ...(signal === undefined ? {} : { signal }) }),
    post: (path, body) =>
      ask(path, {
        method: "POST",
        headers: { ...headers(), "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    listen,
  }
}

async function answerOf<Value>(path: string, options: RequestInit): Promise<Answer<Value>> {
  try {
    const response = await fetch(`${BASE}${path}`, options)
    const text = await response.text()
    if (response.ok) return { ok: true, value: JSON.parse(text) as Value }
    return { ok: false, ...refusedOf(response.status, text) }
  } catch (error) {
    // No connection, one that broke off, or a caller who wants no answer any more.
    if (!(error instanceof TypeError || error instanceof DOMException || error instanceof SyntaxError)) throw error
    return { ok: false, kind: "unreachable", says: "The server does not answer." }
  }
}

function refusedOf(status: number, text: string): Refused {
  const says = saysOf(text) ?? `The server answered ${status}.`
  return { kind: status === 401 ? "token" : status === 503 ? "waiting" : "refused", says }
}

function saysOf(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly says?: unknown } }
    return typeof error?.says === "string" ? error.says : null
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return null
  }
}

const SHORTEST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000

async function listen(listener: Listener, stop: AbortSignal): Promise<void> {
  let lastId: string | null = null
  let waitMs = SHORTEST_WAIT_MS
  const onEvent = (event: ServerEvent): void => {
    waitMs = SHORTEST_WAIT_MS
    lastId = event.id ?? lastId
    listener.onEvent(event)
  }
  while (!stop.aborted) {
    if ((await readEvents({ ...listener, onEvent }, lastId, stop)) === "refused") lastId = null
    listener.onState(false)
    await pause(waitMs, stop)
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
  }
}

type Ended = "ended" | "refused"

/** Until the connection ends, whatever ends it. */
async function readEvents({ onEvent, onState }: Listener, lastId: string | null, stop: AbortSignal): Promise<Ended> {
  const resumed: Record<string, string> = lastId === null ? {} : { "last-event-id": lastId }
  try {
    const accept = { accept: "text/event-stream" }
    const response = await fetch(`${BASE}/events`, { headers: { ...headers(), ...accept, ...resumed }, signal: stop })
    if (!response.ok || response.body === null) return "refused"
    onState(true)
    const read = eventReader()
    const parts = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let part = await parts.read(); !part.done; part = await parts.read()) read(part.value).forEach(onEvent)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error
  }
  return "ended"
}

/** What the server waits for, as it says itself; empty where it does not answer, or waits for nothing. */
export async function waitsFor(): Promise<readonly string[]> {
  try {
    const { waits_for: found } = (await (await fetch("/readyz")).json()) as { readonly waits_for?: readonly string[] }
    return found ?? []
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error
    return []
  }
}

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    stop.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
