import { parentPort } from "node:worker_threads"
import { carryOut, type RenderOrder } from "./render-order.ts"

/** What runs in a thread: one order, one answer. The canvases are handed over, not copied. */
parentPort?.on("message", (order: RenderOrder) => {
  const answer = carryOut(order)
  const canvases = answer.ok ? Object.values(answer.value.canvases) : []
  parentPort?.postMessage(
    answer,
    canvases.flatMap((canvas) => canvas?.buffer ?? []),
  )
})
