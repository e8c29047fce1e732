import { getCompileCacheDir } from "node:module"
import { dirname, extname } from "node:path"
import { Worker } from "node:worker_threads"
import { type Failure, failed, failure, type Result } from "../../events/result.ts"
import { semaphore } from "../../system/concurrency.ts"

export type ThreadsOptions = {
  /** Threads at most, one task each at a time. */
  readonly most: number
  /** The module that a thread runs; it answers each message with one message. */
  readonly entry: URL
  /** JavaScript heap of one thread, bytes; absent for 256 MiB. What lies outside it (pixels) is bounded by the readers. */
  readonly heapBytes?: number
}

export type Task<T> = {
  /** Copied into the thread. */
  readonly message: T
  /** Longest run, milliseconds; waiting for a thread does not count. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Threads that do tasks, one each at a time. */
export type Threads<T, A> = {
  /**
   * A thread's answer. Whatever a thread does wrong fails its task alone: the thread is ended, and another one takes its
   * place. Fails: with the answer's own failure, tool/crashed, tool/out-of-memory, tool/timed-out, stopped.
   */
  readonly run: (task: Task<T>) => Promise<Result<A>>
  /** Ends all threads. */
  readonly close: () => Promise<void>
}

const HEAP_BYTES = 256 * 2 ** 20

/** The module of this name beside another one, in the sources as in dist/. */
export const moduleBeside = (url: string, name: string): URL => new URL(`./${name}${extname(url)}`, url)

/** Started at the first need and used again; threads that wait for work do not keep the process alive. */
export function openThreads<T, A>({ most, entry, heapBytes = HEAP_BYTES }: ThreadsOptions): Threads<T, A> {
  const idle: Worker[] = []
  const places = semaphore(most)
  const start = (): Worker => {
    const thread = started(entry, heapBytes)
    // A thread that breaks while it waits for work has failed nobody: it is only not to be used again.
    thread.on("error", () => undefined)
    thread.on("exit", () => {
      const place = idle.indexOf(thread)
      if (place >= 0) idle.splice(place, 1)
    })
    return thread
  }
  return {
    async run(task) {
      const release = await places.acquire(task.signal)
      if (release === null) return failed(stopped)
      const thread = idle.pop() ?? start()
      const end = await ended<T, A>(thread, task)
      if (end.kind === "answered") idle.push(thread)
      else void thread.terminate()
      release()
      return end.kind === "answered" ? end.answer : failed(failureOfThread(end, task))
    },
    async close() {
      await Promise.all(idle.splice(0).map((thread) => thread.terminate()))
    },
  }
}

const stopped: Failure = failure("stopped", "The picture was not begun: the process is stopping.")

/** Nothing of ours but what Node has made of the sources: without it each thread takes the types off them anew, for 0.1 s. */
function environment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir()
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }
}

/** A profile of the process shows its threads, too; no other flag of the process is about them. */
const PROFILING = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof"))

function started(entry: URL, heapBytes: number): Worker {
  const heapMb = Math.ceil(heapBytes / 2 ** 20)
  const thread = new Worker(entry, {
    env: environment(),
    execArgv: PROFILING,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  })
  thread.unref()
  return thread
}

type Ended<A> = { readonly kind: "answered"; readonly answer: Result<A> } | Ending

/** Gives a thread its task; referenced meanwhile, so that the process waits for the answer. */
function ended<T, A>(thread: Worker, { message, timeoutMs, signal }: Task<T>): Promise<Ended<A>> {
  return new Promise((resolve) => {
    const finish = (end: Ended<A>): void => {
      clearTimeout(clock)
      signal.removeEventListener("abort", stop)
      for (const [event, hear] of heard) thread.off(event, hear)
      thread.unref()
      resolve(end)
    }
    const heard = [
      ["message", (answer: Result<A>) => finish({ kind: "answered", answer })],
      ["messageerror", (error: unknown) => finish({ kind: "threw", error })],
      ["error", (error: unknown) => finish({ kind: "threw", error })],
      ["exit", (code: number) => finish({ kind: "exited", code })],
    ] as const
    const stop = (): void => finish({ kind: "stopped" })
    const clock = setTimeout(() => finish({ kind: "timed-out" }), timeoutMs)
    signal.addEventListener("abort", stop, { once: true })
    for (const [event, hear] of heard) thread.on(event, hear)
    thread.ref()
    thread.postMessage(message)
  })
}

/** How a thread ended that gave no answer. */
type Ending =
  | { readonly kind: "stopped" }
  | { readonly kind: "timed-out" }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "exited"; readonly code: number }

/** The failure of the frame that the thread was at. Fails: stopped, tool/timed-out, tool/out-of-memory, tool/crashed. */
function failureOfThread(ending: Ending, { timeoutMs }: { readonly timeoutMs: number }): Failure {
  switch (ending.kind) {
    case "stopped":
      return failure("stopped", "The picture was stopped before its end.")
    case "timed-out":
      return failure(
        "tool/timed-out",
        `The picture was given up after ${timeoutMs / 1000} s; raise the time limit if the file is sound.`,
      )
    case "exited":
      return failure("tool/crashed", `The thread that made the picture ended (exit ${ending.code}).`)
    case "threw":
      return isOutOfMemory(ending.error)
        ? failure("tool/out-of-memory", "The picture needed more memory than its thread may use.")
        : failure("tool/crashed", `The thread that made the picture broke off: ${sentenceOf(ending.error)}`)
  }
}

/** The heap's limit ends the thread; a buffer that cannot be had throws. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = "code" in error ? error.code : null
  return (
    code === "ERR_WORKER_OUT_OF_MEMORY" ||
    (error instanceof RangeError &&
      /array buffer allocation|invalid (typed )?array (buffer )?length/i.test(error.message))
  )
}

const SENTENCE_LENGTH = 300

/** Names of files of ours are of no use to whoever reads it. */
const sentenceOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
    .replace(/(?:file:\/\/)?(?:\/[^\s"'/:]+)+\/([^\s"'/:]*)/g, "$1")
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, SENTENCE_LENGTH)
