import { parentPort } from "node:worker_threads"
import { carryOut, type RenderOrder } from "./render-order.ts"

/** What runs in a thread: one order, one answer. The planes are handed over, not copied. */
parentPort?.on("message", (order: RenderOrder) => {
  const answer = carryOut(order)
  const planes = answer.ok ? [answer.value.proxyYuv.buffer, answer.value.thumbnailRgb.buffer] : []
  parentPort?.postMessage(answer, planes)
})
