import { serveOrders } from "../processes/serve-orders.ts"
import { renderFrame } from "./in-process/render-order.ts"
import type { AnyOrder } from "./render-processes.ts"

/** What a render process runs. What few frames need is loaded when one does. */
await serveOrders<AnyOrder>(async ({ kind, order }, put) => {
  switch (kind) {
    case "render":
      return renderFrame(order)
    case "pass":
      return (await import("../data-passes/pass-order.ts")).paintPass(order, put)
    case "light":
      return (await import("./measure-light.ts")).measureLight(order)
  }
})
