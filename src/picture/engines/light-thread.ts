import { parentPort } from "node:worker_threads"
import { type LightOrder, measureLight } from "./measure-light.ts"

/** What runs in a thread: one order, one answer. */
parentPort?.on("message", (order: LightOrder) => parentPort?.postMessage(measureLight(order)))
