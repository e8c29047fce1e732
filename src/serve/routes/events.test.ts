import { once } from "node:events"
import { connect } from "node:net"
import { expect, it, onTestFinished } from "vitest"
import { elementCreated, elementFailed } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { openSqliteLog } from "../../log/sqlite.ts"
import { openState } from "../../state/index.ts"
import { systemClock } from "../../system/clock.ts"
import { openTestServing, type TestServing } from "../testing/serving.ts"

async function listening(options: TestServing = {}) {
  const serving = await openTestServing(options)
  await serving.app.listen({ host: "127.0.0.1", port: 0 })
  const address = serving.app.server.address()
  const port = typeof address === "object" ? (address?.port ?? 0) : 0
  return { ...serving, port, url: `http://127.0.0.1:${port}/api/v1/events` }
}

/** Reads a stream as it comes. */
async function reading(url: string, headers: Record<string, string> = {}) {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const answer = await fetch(url, { headers, signal: stop.signal })
  const decoder = new TextDecoder()
  let [text, isOver] = ["", false]
  const read = async () => {
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk, { stream: true })
  }
  read()
    .catch(() => undefined)
    .finally(() => {
      isOver = true
    })
  return {
    answer,
    stop: () => stop.abort(),
    isOver: () => isOver,
    data: () => [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? "")),
    lastId: () => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? "",
  }
}

it("sends what happens as server-sent events, and goes on where a reader stopped", async () => {
  const { url, records } = await listening()
  const first = await reading(`${url}?topics=element-created,element-failed&prefix=sh010/`)
  expect(first.answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8")
  expect(first.answer.headers.get("x-content-type-options")).toBe("nosniff")
  const fact = elementCreated({ key: "sh010/\u202ea.exr" })
  unwrap(await records.log.append([fact, elementCreated({ key: "sh020/a.exr" })]))
  await expect
    .poll(first.data)
    .toEqual([
      { topic: "element-created", partition: 0, offset: 0, timestamp_ms: expect.any(Number), fact: fact.value },
    ])
  first.stop()
  unwrap(await records.log.append([elementFailed({ key: "sh010/b.exr" })]))
  const second = await reading(`${url}?prefix=sh010/`, { "last-event-id": first.lastId() })
  await expect.poll(() => second.data().map(({ topic, offset }) => [topic, offset])).toEqual([["element-failed", 0]])
})

it("tells of what nobody can decode, and hears it in a process beside the one that writes", async () => {
  const { records, config } = await openTestServing()
  const state = unwrap(await openState({ folder: config.stateDir, mode: "read", clock: systemClock }))
  const log = unwrap(await openSqliteLog({ state, clock: systemClock }))
  const beside = await listening({ opened: (opened) => ({ ...opened, log }) })
  const stream = await reading(beside.url)
  const letter = { ...{ topic: "proxy-made", partition: 0, offset: 7 } }
  unwrap(
    await records.log.append([
      { topic: "dead-letter", at: letter, says: "no Avro", lengthBytes: 1, sha256: "", head: Uint8Array.of(1) },
    ]),
  )
  await expect.poll(stream.data).toEqual([
    {
      ...{ topic: "dead-letter", partition: 0, offset: 0, timestamp_ms: expect.any(Number), fact: null },
      dead_letter: { ...letter, says: "no Avro" },
    },
  ])
  await beside.app.close()
  await log.close()
  state.close()
})

it("refuses topics that are none and ids that are not of a stream, with a sentence", async () => {
  const { get } = await openTestServing()
  const unknown = await get("/api/v1/events?topics=proxy-mad")
  expect(unknown).toMatchObject({ status: 400, body: { error: { code: "events/no-such-topic" } } })
  expect(unknown.body.error.says).toContain("proxy-made")
  const foreign = await get("/api/v1/events", { "last-event-id": "41; DROP TABLE" })
  expect(foreign).toMatchObject({ status: 400, body: { error: { code: "events/foreign-id" } } })
})

it("refuses an id of ten megabytes before it is read", async () => {
  const { port } = await listening()
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => undefined)
  socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\nlast-event-id: ${"1F".repeat(5_000_000)}\r\n\r\n`)
  const [answer] = await once(socket, "data")
  expect(String(answer)).toMatch(/^HTTP\/1.1 431 /)
  socket.destroy()
})

it("ends the streams when the server is stopped, whoever reads them", async () => {
  const { url, app } = await listening()
  const streams = await Promise.all([reading(url), reading(url), reading(`${url}?topics=movie-made`)])
  await app.close()
  for (const { isOver } of streams) await expect.poll(isOver).toBe(true)
})

it("counts the streams that are open", async () => {
  const { url, get, app } = await listening()
  const stream = await reading(url)
  const open = async () => /^oiio_serve_event_streams (\d+)$/m.exec((await app.inject("/metrics")).payload)?.[1]
  await expect.poll(open).toBe("1")
  stream.stop()
  await expect.poll(open).toBe("0")
  expect((await get("/api/v1/me")).status).toBe(200)
})
