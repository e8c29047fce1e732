import { parentPort } from "node:worker_threads"
import { done, failed, failure } from "../../../events/result.ts"

/** What a thread may be told to do in tests: everything that can go wrong, and what goes right. */
export type Order = "echo" | "refuse" | "throw" | "spin" | "heap" | "buffers" | "exit"

const hoard = (): never => {
  const kept: number[][] = []
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index + 0.5))
}

const ACTS: Readonly<Record<Order, () => unknown>> = {
  echo: () => done(42),
  refuse: () => failed(failure("picture/damaged", "The file is cut off.")),
  throw: () => {
    throw new Error("no such row in /tmp/place/of/ours.ts")
  },
  spin: () => {
    for (;;) Math.random()
  },
  heap: hoard,
  buffers: () => new Float64Array(2 ** 52),
  exit: () => process.exit(7),
}

parentPort?.on("message", (order: Order) => parentPort?.postMessage(ACTS[order]()))
