import { type Failure, failure } from "../../../events/failure.ts"

/** How a thread ended that gave no answer. */
export type Ending =
  | { readonly kind: "stopped" }
  | { readonly kind: "timed-out" }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "exited"; readonly code: number }

/** The failure of the frame that the thread was at. Fails: stopped, tool/timed-out, tool/out-of-memory, tool/crashed. */
export function failureOfThread(ending: Ending, { timeoutMs }: { readonly timeoutMs: number }): Failure {
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
