import { createRequire } from "node:module"
import { beforeAll, expect, it, onTestFinished } from "vitest"
import { restIdleConnections } from "./index.ts"

const RequestQueue = createRequire(import.meta.url)("kafkajs/src/network/requestQueue")

beforeAll(restIdleConnections)

/** A queue as kafkajs makes one for each connection, and what it has sent. */
function opened() {
  const logger = { debug: () => undefined, warn: () => undefined }
  const queue = new RequestQueue({ requestTimeout: 10_000, clientId: "c", broker: "b", logger })
  onTestFinished(() => queue.destroy())
  const sent: number[] = []
  const push = (correlationId: number): void => {
    const entry = { correlationId, apiName: "Metadata", resolve: () => undefined, reject: () => undefined }
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) })
  }
  return { queue, sent, push }
}

it("a connection that has nothing to send asks for no timer after an answer", () => {
  const { queue, sent, push } = opened()
  push(1)
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
  expect([sent, queue.throttleCheckTimeoutId]).toEqual([[1], null])
})

it("a request that a broker's throttling holds back is sent once the time is over", async () => {
  const { queue, sent, push } = opened()
  queue.maybeThrottle(20)
  push(1)
  expect(sent).toEqual([])
  await expect.poll(() => sent).toEqual([1])
})

it("a request that waits for room is sent when an earlier one is answered", () => {
  const { queue, sent, push } = opened()
  queue.maxInFlightRequests = 1
  push(1)
  push(2)
  expect(sent).toEqual([1])
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
  expect(sent).toEqual([1, 2])
})
