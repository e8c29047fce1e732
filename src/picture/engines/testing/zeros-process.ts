import { done } from "../../../events/result.ts"
import { serveOrders } from "../../processes/serve-orders.ts"
import { renderFrame } from "../in-process/render-order.ts"
import { openReader } from "../own-readers.ts"
import type { AnyOrder } from "../render-processes.ts"

/** A reader that gives zeros for every sample, and knows nothing of it. */
await serveOrders<AnyOrder>(async ({ kind, order }) => {
  if (kind !== "render") throw new Error(`No ${kind} is expected here.`)
  return renderFrame(order, (bytes, shown) => {
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
})
