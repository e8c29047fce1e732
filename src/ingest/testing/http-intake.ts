import { connect, type Socket } from "node:net"
import { onTestFinished } from "vitest"
import type { Failure } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import { memoryRecords, openMemoryLog } from "../../log/memory.ts"
import { readAll } from "../../log/testing/harness.ts"
import { systemClock } from "../../system/clock.ts"
import type { HttpAccess } from "../http/access.ts"
import { type HttpIntakeOptions, openHttpIntake } from "../http.ts"
import type { IntakeObservation } from "../index.ts"
import { sourceOf } from "./messages.ts"

export const ANYBODY: HttpAccess = { secrets: [], proof: "either", allows: null, tls: null }

export const LIMITS: HttpIntakeOptions["limits"] = {
  mostBodyBytes: 10_000,
  mostRecords: 100,
  recordsPerMinute: 10_000,
  mostConnections: 200,
  mostConnectionsPerAddress: 100,
  leastBytesPerSecond: 0,
  patienceMs: 10_000,
}

export type Answer = { readonly status: number; readonly says: string; readonly headers: Headers }

/** An intake before a memory log. */
export async function givenHttpIntake(options: Partial<HttpIntakeOptions> = {}) {
  const records = memoryRecords()
  const log = openMemoryLog({ clock: systemClock, records })
  const observed: IntakeObservation[] = []
  const intake = unwrap(
    await openHttpIntake({
      host: "127.0.0.1",
      port: 0,
      source: sourceOf("vast"),
      access: ANYBODY,
      limits: LIMITS,
      exists: null,
      append: log.append,
      clock: systemClock,
      observe: (observation) => observed.push(observation),
      ...options,
    }),
  )
  const stop = new AbortController()
  let running: Promise<Failure | null> | null = null
  const run = (): Promise<Failure | null> => {
    running ??= intake.run(stop.signal)
    return running
  }
  onTestFinished(async () => {
    stop.abort()
    await Promise.allSettled([run()])
  })
  const url = `http://127.0.0.1:${intake.port}/`
  const ask = async (body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const text = typeof body === "string" ? body : JSON.stringify(body)
    const answer = await fetch(url, { method: "POST", body: text, headers })
    return { status: answer.status, says: await answer.text(), headers: answer.headers }
  }
  const elements = async () =>
    (await readAll(log, "element-created")).flatMap(({ content }) =>
      "fact" in content ? [elementOf(content.fact)] : [],
    )
  return {
    ...{ log, records, observed, url, ask, elements, port: intake.port, run },
    post: async (body: unknown, headers: Record<string, string> = {}) => (await ask(body, headers)).status,
    arrived: async () => (await elements()).map(({ bucket, key }) => `${bucket}/${key}`),
    buried: async () =>
      (await readAll(log, "dead-letter")).flatMap(({ content }) =>
        "deadLetter" in content ? [content.deadLetter] : [],
      ),
    refusals: () => observed.flatMap((one) => (one.kind === "refused" ? [one.reason] : [])),
  }
}

/** A connection as a careless or hostile sender opens it; it survives whatever the server does to it. */
export async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => socket.destroy())
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))
  return socket
}

/** Everything that the server writes until it closes the connection. */
export async function heard(socket: Socket): Promise<string> {
  let text = ""
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString()
  })
  await new Promise((resolve) => socket.once("close", resolve))
  return text
}
