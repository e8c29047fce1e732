import { parentPort } from "node:worker_threads"
import { done } from "../../../events/result.ts"
import { type RenderOrder, renderFrame } from "../in-process/render-order.ts"
import { openReader } from "../own-readers.ts"

/** A reader that gives zeros for every sample, and knows nothing of it. */
parentPort?.on("message", async (order: RenderOrder) => {
  const answer = await renderFrame(order, (bytes, shown) => {
    const opened = openReader(bytes, shown)
    if (!opened.ok) return opened
    const { width, height, readRows } = opened.value
    const zeros = new Float32Array(width)
    return done({
      width,
      height,
      readRows: (rows, visit) => readRows(rows, (row) => visit(row, [zeros, zeros, zeros])),
    })
  })
  parentPort?.postMessage(answer)
})
