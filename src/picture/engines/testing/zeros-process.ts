import { done } from "../../../events/result.ts"
import { loadNativeLibrary } from "../../native/library.ts"
import { serveOrders } from "../../processes/serve-orders.ts"
import { renderFrame } from "../in-process/render-order.ts"
import { openReader } from "../own-readers.ts"
import type { AnyOrder } from "../render-processes.ts"

const loaded = loadNativeLibrary(process.argv[2] ?? "")
const library = loaded.ok ? loaded.value : null

/** A reader that gives zeros for every sample, and knows nothing of it. */
await serveOrders<AnyOrder>(async ({ kind, order }) => {
  if (kind !== "render") throw new Error(`No ${kind} is expected here.`)
  return renderFrame(order, (bytes, shown) => {
    const opened = openReader(bytes, shown, library)
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
