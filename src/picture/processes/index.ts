/** Processes that do what must not happen beside log, store and credentials: reading hostile files. */

import { FAILURES, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { semaphore } from "../../system/concurrency.ts"
import { isFields } from "../../system/json.ts"
import { type Ending, failureOfProcess } from "./ending.ts"
import type { Body } from "./protocol.ts"
import { type Heard, type ProcessOptions, type RenderProcess, startProcess } from "./render-process.ts"

export type { Body } from "./protocol.ts"

export type ProcessesOptions = Omit<ProcessOptions, "heapBytes"> & {
  /** Processes at most, one order each at a time. */
  readonly most: number
  /** Absent for 256 MiB. */
  readonly heapBytes?: number
}

export type ProcessOrder<O, A> = {
  readonly order: O
  /** Longest run, milliseconds; waiting for a process does not count. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Whether an answer is what was asked for: nobody believes a process that reads hostile files. */
  readonly isAnswer: (value: unknown) => value is A
  /** Takes the bytes of a file that the order makes, piece by piece; the next one waits for the promise. Never rejects. */
  readonly take?: (bytes: Body) => Promise<void>
}

/** Long-lived processes that carry out orders, one each at a time. */
export type Processes = {
  /**
   * A process's answer. Whatever a process does wrong fails its order alone: it is ended, and another one takes its place.
   * One that died before it began costs nothing. Fails: with the answer's own failure, tool/crashed, tool/out-of-memory,
   * tool/timed-out, stopped.
   */
  readonly run: <O, A>(order: ProcessOrder<O, A>) => Promise<Result<A>>
  /**
   * Starts so many, as far as there may be, where fewer were started yet: a start takes a while, and costs the less the smaller
   * this program is.
   */
  readonly begin: (orders: number) => void
  /** Resolves when those that wait for work have ended; the others end with their order. */
  readonly close: () => Promise<void>
}

const HEAP_BYTES = 256 * 2 ** 20

/** Started at the first need and used again; those that wait for work do not keep the program alive. */
export function openProcesses({ most, heapBytes = HEAP_BYTES, ...options }: ProcessesOptions): Processes {
  const idle: RenderProcess[] = []
  const places = semaphore(most)
  let [isClosed, started] = [false, 0]
  const rest = (one: RenderProcess): void => {
    one.waitFor(false)
    if (isClosed) one.kill()
    else idle.push(one)
    // One that breaks or speaks while it waits for work has failed nobody: it is only not to be used again.
    one.listen(() => {
      const place = idle.indexOf(one)
      if (place >= 0) idle.splice(place, 1)
      one.kill()
    })
  }
  const start = (): RenderProcess => {
    started += 1
    return startProcess({ ...options, heapBytes })
  }
  const carriedOut = async <O, A>(asked: ProcessOrder<O, A>): Promise<Result<A>> => {
    const reused = idle.pop()
    const one = reused ?? start()
    const end = await ended(one, asked)
    if (end.kind === "answered") {
      if (end.isQuiet()) rest(one)
      else one.kill()
      return end.answer
    }
    one.kill()
    one.waitFor(false)
    // It died or spoke while it waited for work, and nobody had noticed yet.
    const isOfBefore = end.kind === "ended" || end.kind === "garbage"
    if (reused !== undefined && isOfBefore && !end.hasBegun) return carriedOut(asked)
    return failed(failureOfProcess(end, asked))
  }
  return {
    async run(asked) {
      const release = await places.acquire(asked.signal)
      if (release === null) return failed(NOT_BEGUN)
      try {
        return await carriedOut(asked)
      } finally {
        release()
      }
    },
    begin(orders) {
      while (started < Math.min(orders, most) && !isClosed) rest(start())
    },
    async close() {
      isClosed = true
      await Promise.all(idle.splice(0).map((one) => one.end()))
    },
  }
}

const NOT_BEGUN: Failure = failure("stopped", "The picture was not begun: the process is stopping.")

type Answered<A> = {
  readonly kind: "answered"
  readonly answer: Result<A>
  /** Whether it has said nothing since: who says more is not to be used again. */
  readonly isQuiet: () => boolean
}

type Ended<A> = Answered<A> | (Ending & { readonly hasBegun: boolean })

/** Gives a process its order; waited for meanwhile, so that the program does not end before the answer. */
function ended<O, A>(one: RenderProcess, asked: ProcessOrder<O, A>): Promise<Ended<A>> {
  const { order, timeoutMs, signal, isAnswer, take } = asked
  return new Promise((resolve) => {
    let [hasBegun, isQuiet] = [false, true]
    let taken: Promise<void> = Promise.resolve()
    const finish = (end: Answered<A> | Ending): void => {
      clearTimeout(clock)
      signal.removeEventListener("abort", stop)
      one.listen(() => {
        isQuiet = false
      })
      if (end.kind === "answered") void taken.then(() => resolve(end))
      else resolve({ ...end, hasBegun })
    }
    const stop = (): void => finish({ kind: "stopped" })
    const clock = setTimeout(() => finish({ kind: "timed-out" }), timeoutMs)
    signal.addEventListener("abort", stop, { once: true })
    const hear = (heard: Heard): void => {
      if (heard.kind === "ended" || heard.kind === "unstarted") finish(heard)
      else if (heard.kind === "begun" && !hasBegun) hasBegun = true
      else if (heard.kind === "threw" && hasBegun) finish(heard)
      else if (heard.kind === "piece" && hasBegun && take !== undefined) {
        taken = taken.then(() => take(heard.bytes))
        one.holdUntil(taken)
      } else if (heard.kind === "answered" && hasBegun && isResult(heard.answer, isAnswer))
        finish({ kind: "answered", answer: heard.answer, isQuiet: () => isQuiet })
      // What comes before the order was begun belongs to an earlier one.
      else finish({ kind: "garbage" })
    }
    one.listen(hear)
    one.waitFor(true)
    one.send(order)
  })
}

const isResult = <A>(value: unknown, isAnswer: (value: unknown) => value is A): value is Result<A> =>
  isFields(value) && (value.ok === true ? isAnswer(value.value) : value.ok === false && isFailure(value.failure))

const isFailure = (value: unknown): value is Failure =>
  isFields(value) &&
  typeof value.code === "string" &&
  Object.hasOwn(FAILURES, value.code) &&
  ["permanent", "transient", "outage"].includes(String(value.kind)) &&
  typeof value.says === "string"
