import { type Failure, failure } from "../../events/result.ts"

/** How a tool ended. */
export type Ending = {
  /** Exit code, null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why we killed it, null when we did not. */
  readonly killedFor: "timeout" | "stop" | null
  readonly stderr: string
}

export type Context = {
  /** Name of the tool in sentences. */
  readonly tool: string
  /** Job folder, removed from whatever the tool says. */
  readonly folder: string
  readonly timeoutMs: number
  readonly memoryLimitBytes: number
}

const NO_ROOM = /no space left on device|disk quota exceeded|out of disk space|write error|file too large/i
const NO_MEMORY =
  /bad_alloc|out of memory|cannot allocate memory|could not allocate|memory allocation|unable to allocate|malloc failed|memory exhausted|pthread_create\(\) failed/i
/** oiiotool fills channels that it does not find with black and still exits 0; nor may a partly decoded picture pass. */
const PARTIAL = /warning.*channel|unknown channel name|missing or corrupted/i

/** libtiff's words for what its build left out: no fault of the file's. */
const NOT_BUILT_IN = /(\w+) compression support is not configured/i

/** The failure an ending means, null when the tool did its work. */
export function failureOf(ending: Ending, context: Context): Failure | null {
  const { tool } = context
  if (ending.killedFor === "stop") return failure("stopped", `${tool} was stopped before its end.`)
  if (ending.killedFor === "timeout" || ending.signal === "SIGXCPU") return timedOut(context)
  if (ending.code === 0) {
    return PARTIAL.test(ending.stderr)
      ? failure("tool/failed", `${tool} made only part of the picture: ${complaint(ending.stderr, context)}`)
      : null
  }
  if (NO_ROOM.test(ending.stderr)) {
    return failure("scratch/full", `${tool} could not write its output: make room for temporary files.`)
  }
  if (NO_MEMORY.test(ending.stderr) || ending.signal === "SIGKILL") return outOfMemory(context)
  if (ending.signal !== null) {
    return crashed(ending.signal, ending.stderr, context)
  }
  const compression = NOT_BUILT_IN.exec(ending.stderr)?.[1]
  if (compression !== undefined) {
    const says = `${tool} was built without ${compression} compression; one that has it reads the file.`
    return failure("picture/unsupported", says)
  }
  return failure("tool/failed", `${tool} refused the file (exit ${ending.code}): ${complaint(ending.stderr, context)}`)
}

const timedOut = ({ tool, timeoutMs }: Context): Failure =>
  failure(
    "tool/timed-out",
    `${tool} was killed after ${timeoutMs / 1000} s; raise the time limit if the file is sound.`,
  )

const outOfMemory = (context: Context): Failure =>
  failure(
    "tool/out-of-memory",
    `${context.tool} needed more than ${mebibytes(context)}; raise the memory limit if the file is sound.`,
  )

/** A tool that does not check whether it got memory dies in the same way as one with a bug. */
const crashed = (signal: string, stderr: string, context: Context): Failure =>
  failure(
    "tool/crashed",
    `${context.tool} died from ${signal}, on damaged data or at the limit of ${mebibytes(context)}: ${complaint(stderr, context)}`,
  )

const mebibytes = ({ memoryLimitBytes }: Context): string => `${Math.round(memoryLimitBytes / 2 ** 20)} MiB`

const SENTENCE_LENGTH = 300
const COMPLAINT = /error|invalid|fail|warning|missing|corrupt|unsupported|terminate|what\(\)/i

/** The first lines that complain, or the first of all; without local paths, command lines and control characters. */
export function complaint(stderr: string, { folder }: Pick<Context, "folder">): string {
  const lines = stderr
    .split("\n")
    .map((line) => withoutPaths(line, folder))
    .filter((line) => line !== "" && !line.startsWith(">") && !/^full command line was/i.test(line))
  const complaints = lines.filter((line) => COMPLAINT.test(line))
  const chosen = complaints.length > 0 ? complaints.slice(0, 2) : lines.slice(0, 2)
  return chosen.length === 0 ? "it gave no reason." : chosen.join("; ").slice(0, SENTENCE_LENGTH)
}

const ABSOLUTE_PATH = /(?:\/[^\s"'/:]+)+\/([^\s"'/:]*)/g

/** oiiotool's name of itself and of the link it was given; the reader knows both. */
const OWN_PREFIX = /^oiiotool (?:ERROR|WARNING)\s*:\s*(?:(?:-i|read)\s*:\s*)?(?:"shown\.\w+"\s*:\s*)?/

const withoutPaths = (line: string, folder: string): string =>
  line
    .replaceAll(`${folder}/`, "")
    .replace(ABSOLUTE_PATH, "$1")
    .replace(/\p{Cc}+/gu, " ")
    .replace(OWN_PREFIX, "")
    .trim()
