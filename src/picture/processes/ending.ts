import { type Failure, failure } from "../../events/result.ts"
import type { Heard } from "./render-process.ts"

/** How a render process ended, or was ended, that gave no answer. */
export type Ending =
  | { readonly kind: "stopped" }
  | { readonly kind: "timed-out" }
  | Extract<Heard, { readonly kind: "threw" | "garbage" | "unstarted" | "ended" }>

/** The failure of the frame that the process was at. Fails: stopped, tool/timed-out, tool/out-of-memory, tool/crashed. */
export function failureOfProcess(ending: Ending, { timeoutMs }: { readonly timeoutMs: number }): Failure {
  switch (ending.kind) {
    case "stopped":
      return failure("stopped", "The picture was stopped before its end.")
    case "timed-out":
      return failure(
        "tool/timed-out",
        `The picture was given up after ${timeoutMs / 1000} s; raise the time limit if the file is sound.`,
      )
    case "threw":
      return ending.thrown.isOutOfMemory ? OUT_OF_MEMORY : crashed(`broke off: ${sentenceOf(ending.thrown.says)}`)
    case "garbage":
      return crashed("answered what could not be read.")
    case "unstarted":
      return unstarted(ending.error)
    case "ended":
      return failureOfEnd(ending)
  }
}

const crashed = (how: string): Failure => failure("tool/crashed", `The process that made the picture ${how} ${ADVICE}`)

const ADVICE = "The file may be damaged; if it is sound, --engine oiiotool renders it with other decoders."

const OUT_OF_MEMORY = failure(
  "tool/out-of-memory",
  "The picture needed more memory than its process may use; raise the memory limit of tools if the file is sound.",
)

const NO_MEMORY = /out of memory|bad_alloc|cannot allocate memory|allocation failed/i

function failureOfEnd({ code, signal, stderr }: Extract<Ending, { readonly kind: "ended" }>): Failure {
  if (NO_MEMORY.test(stderr)) return OUT_OF_MEMORY
  if (signal === "SIGKILL") {
    return failure(
      "tool/out-of-memory",
      "The process that made the picture was killed from outside, as a system does that runs out of memory; render fewer at the same time.",
    )
  }
  if (signal !== null) return crashed(`died from ${signal}.`)
  return crashed(`ended (exit ${code}): ${complaintOf(stderr)}`)
}

/** Of what Node prints, the line that names the error. */
const complaintOf = (stderr: string): string =>
  sentenceOf(stderr.split("\n").find((line) => /error/i.test(line)) ?? "it gave no reason.")

const unstarted = ({ code }: NodeJS.ErrnoException): Failure =>
  failure(
    "tool/out-of-memory",
    `No process could be started to make the picture (${code}): the machine has no room for another one; render fewer at the same time.`,
  )

const SENTENCE_LENGTH = 300

/** Names of files of ours are of no use to whoever reads it. */
const sentenceOf = (says: string): string =>
  says
    .replace(/(?:file:\/\/)?(?:\/[^\s"'/:]+)+\/([^\s"'/:]*)/g, "$1")
    .replace(/\p{Cc}+/gu, " ")
    .slice(0, SENTENCE_LENGTH)
