import { parentPort } from "node:worker_threads"
import { type RenderOrder, renderFrame } from "./render-order.ts"

/** What runs in a thread: one order, one answer. */
parentPort?.on("message", async (order: RenderOrder) => parentPort?.postMessage(await renderFrame(order)))
