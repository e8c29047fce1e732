import { parentPort } from "node:worker_threads"
import { type PassOrder, paintPass } from "./pass-order.ts"

/** What runs in a thread: one order, one answer. */
parentPort?.on("message", (order: PassOrder) => parentPort?.postMessage(paintPass(order)))
