import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { afterEach, expect, it } from "vitest"
import { failureOf, unwrap } from "../../events/testing/results.ts"
import type { Clock } from "../../system/clock.ts"
import {
  type AskRegistry,
  askAtStart,
  askRegistry,
  createSchemaCache,
  type RegistryAddress,
  registryAddress,
} from "./registry.ts"

let server: Server | null = null
afterEach(() => void server?.close())

type Reply = (request: IncomingMessage, response: ServerResponse) => void

/** A server of our own that answers as the test says. */
async function serving(
  reply: Reply,
): Promise<{ readonly address: RegistryAddress; readonly ask: AskRegistry; readonly asked: string[] }> {
  const asked: string[] = []
  const listening = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`.trim())
    reply(request, response)
  })
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve))
  const address = listening.address()
  const port = address !== null && typeof address === "object" ? address.port : 0
  const url = `http://planted:planted-secret@127.0.0.1:${port}/api/`
  const found = unwrap(registryAddress({ url }))
  return { address: found, ask: askRegistry(found), asked }
}

const json =
  (status: number, body: unknown): Reply =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))

const page: Reply = (_, response) => {
  response.writeHead(404).end("<html>")
}

function handClock(): Clock & { now: number } {
  const clock: Clock & { now: number } = {
    now: 0,
    nowMs: () => clock.now,
    steadyMs: () => clock.now,
    sleep: async () => undefined,
  }
  return clock
}

const UNKNOWN = json(404, { error_code: 40403, message: "Schema not found" })

it("fetches a schema once, and knows it from then on", async () => {
  const { ask, asked } = await serving(json(200, { schema: '"string"' }))
  const cache = createSchemaCache(ask, handClock())
  for (let time = 0; time < 3; time++) unwrap(await cache.look(7))
  expect(cache.text(7)).toBe('"string"')
  expect(asked).toEqual(["GET /api/schemas/ids/7 Basic cGxhbnRlZDpwbGFudGVkLXNlY3JldA=="])
})

it("does not ask again for an id that the registry does not know, until some time has passed", async () => {
  const { ask, asked } = await serving(UNKNOWN)
  const clock = handClock()
  const cache = createSchemaCache(ask, clock)
  for (let time = 0; time < 3; time++) unwrap(await cache.look(7))
  expect([asked.length, cache.text(7)]).toEqual([1, null])
  clock.now = 60_000
  unwrap(await cache.look(7))
  expect(asked).toHaveLength(2)
})

it.each([
  ["a proxy's 404 page", page],
  ["a 503", json(503, {})],
  ["another kind of 404", json(404, { error_code: 404, message: "No route" })],
] as const)("takes %s for an outage, never for an unknown id", async (_, reply) => {
  const { ask } = await serving(reply)
  const cache = createSchemaCache(ask, handClock())
  expect(failureOf(await cache.look(7))).toMatchObject({ code: "registry/unreachable", kind: "outage" })
  expect(cache.knows(7)).toBe(false)
})

it("says that it was refused, and with which request, without the password", async () => {
  const { ask } = await serving(json(401, {}))
  const found = failureOf(await ask({ method: "GET", path: "/config" }))
  expect(found).toMatchObject({ code: "registry/refused", says: expect.stringContaining("GET http://127.0.0.1") })
  expect(found.says).not.toContain("planted")
})

it("gives up on a registry that accepts and never answers", async () => {
  const { address } = await serving(() => undefined)
  const found = failureOf(await askRegistry(address, () => 50)({ method: "GET", path: "/config" }))
  expect(found).toMatchObject({ code: "registry/unreachable", says: expect.stringContaining("no answer in 1 s") })
})

it("has one time limit for all the answers that a start waits for", async () => {
  const clock = handClock()
  let isSilent = false
  const { address } = await serving((request, response) => {
    if (!isSilent) json(200, {})(request, response)
  })
  const ask = askAtStart(address, clock)
  unwrap(await ask({ method: "GET", path: "/config" }))
  isSilent = true
  clock.now = 11_500
  const found = failureOf(await ask({ method: "GET", path: "/subjects" }))
  expect(found).toMatchObject({ code: "registry/unreachable", says: expect.stringContaining("no answer in 1 s") })
})
