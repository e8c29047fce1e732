// Runs one process of a picture tool under limits of time, memory and files, and ends it with all its children.

import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:fs"
import { access } from "node:fs/promises"
import type { Readable, Writable } from "node:stream"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { type Ending, failureOf } from "./outcome.ts"

export type ToolRun = {
  /** Name of the tool in sentences: oiiotool, ffmpeg. */
  readonly tool: string
  /** Absolute path of the program. */
  readonly program: string
  /** Passed as they are; no shell reads them. */
  readonly args: readonly string[]
  /** Working directory: the job's own folder. */
  readonly folder: string
  readonly limits: Limits
  readonly guards: Guards
  /** Stops the tool at once. */
  readonly signal: AbortSignal
  /** What the tool reads from its standard input, one after the other; absent for nothing. */
  readonly input?: readonly Uint8Array[]
  /** What the tool is told by its environment besides the little that all are told. */
  readonly environment?: Readonly<Record<string, string>>
}

export type ToolOutput = { readonly stdout: string; readonly stderr: string }

const KEPT_HALF_BYTES = 32 * 1024
/** A killed process that sits in the kernel (a dead network mount) is left behind after this. */
const KILL_GRACE_MS = 5_000
/** All that a tool gets to see: no credential, no proxy, no home. */
const ENVIRONMENT = { LC_ALL: "C", PATH: "/usr/local/bin:/usr/bin:/bin" }

/**
 * Runs a tool on a file that nobody trusts: no shell, an own process group, limits on wall clock, CPU and address space,
 * an empty environment, bounded capture; the group is killed when the time is up, when `signal` aborts, or when this
 * process dies. Resolves in every case. Fails: tool/*, scratch/full, stopped.
 */
export async function runTool(run: ToolRun): Promise<Result<ToolOutput>> {
  if (run.signal.aborted) return failed(failure("stopped", `${run.tool} was not started: the process is stopping.`))
  if (!(await isExecutable(run.program))) return failed(missing(run.tool))
  const [program = run.program, ...args] = guarded(run.guards, run.limits, [run.program, ...run.args])
  const place = { cwd: run.folder, env: { ...ENVIRONMENT, ...run.environment }, detached: true }
  const child =
    run.input === undefined
      ? spawn(program, args, { ...place, stdio: ["ignore", "pipe", "pipe"] })
      : spawn(program, args, { ...place, stdio: "pipe" })
  const stdout = boundedText(child.stdout, KEPT_HALF_BYTES)
  const stderr = boundedText(child.stderr, KEPT_HALF_BYTES)
  if (run.input !== undefined) feed(child.stdin, run.input)
  const end = await ended(child, run)
  if ("error" in end) return failed(await classifyStart(end.error, run))
  const why = failureOf({ ...end, stderr: stderr() }, { tool: run.tool, folder: run.folder, ...run.limits })
  return why === null ? done({ stdout: stdout(), stderr: stderr() }) : failed(why)
}

/** A tool that ends before it has read everything breaks the pipe; how it ended says why, and its output is checked. */
function feed(stdin: Writable | null, input: readonly Uint8Array[]): void {
  stdin?.on("error", (error: NodeJS.ErrnoException) => {
    if (!BROKEN_PIPE.has(error.code ?? "")) throw error
  })
  for (const piece of input) stdin?.write(piece)
  stdin?.end()
}

const BROKEN_PIPE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED", "EOF"])

type End = Omit<Ending, "stderr"> | { readonly error: NodeJS.ErrnoException }

function ended(child: ChildProcess, run: ToolRun): Promise<End> {
  return new Promise((resolve) => {
    let killedFor: "timeout" | "stop" | null = null
    let grace: NodeJS.Timeout | undefined
    const finish = (end: End): void => {
      clearTimeout(clock)
      clearTimeout(grace)
      run.signal.removeEventListener("abort", stop)
      resolve(end)
    }
    const kill = (reason: "timeout" | "stop"): void => {
      if (killedFor !== null) return
      killedFor = reason
      killGroup(child)
      grace = setTimeout(() => {
        child.stdin?.destroy()
        child.stdout?.destroy()
        child.stderr?.destroy()
        child.unref()
        finish({ code: null, signal: "SIGKILL", killedFor })
      }, KILL_GRACE_MS)
    }
    const stop = (): void => kill("stop")
    const clock = setTimeout(() => kill("timeout"), run.limits.timeoutMs)
    run.signal.addEventListener("abort", stop, { once: true })
    child.on("error", (error) => finish({ error }))
    child.on("close", (code, signal) => finish({ code, signal, killedFor }))
  })
}

/** The whole group, so that nothing a tool started survives it. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

async function classifyStart(error: NodeJS.ErrnoException, { tool, folder }: ToolRun): Promise<Failure> {
  if (!(await isExecutable(folder))) {
    return failure("scratch/full", `The folder for temporary files was removed before ${tool} started.`, "transient")
  }
  switch (error.code) {
    case "ENOENT":
    case "EACCES":
      return missing(tool)
    case "EAGAIN":
    case "ENOMEM":
    case "EMFILE":
    case "ENFILE":
      return failure("tool/out-of-memory", `${tool} could not be started: the machine has no room for another process.`)
    case "ENOEXEC":
      return failure(
        "tool/missing",
        `${tool} is not a program of this machine's kind; \`doctor\` says where it was found.`,
      )
    default:
      throw error
  }
}

const missing = (tool: string): Failure =>
  failure("tool/missing", `${tool} is not installed or may not be executed; \`doctor\` says which tools are missing.`)

/**
 * Drains a child's stream but keeps only its first and last `halfBytes`: a hostile file can make a tool talk without end,
 * while warnings stand at the beginning and the error at the end.
 */
function boundedText(stream: Readable, halfBytes: number): () => string {
  let head = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  let isCut = false
  stream.on("data", (chunk: Buffer) => {
    const room = halfBytes - head.length
    if (room > 0) head = Buffer.concat([head, chunk.subarray(0, room)])
    const rest = chunk.subarray(Math.max(0, room))
    if (rest.length === 0) return
    isCut ||= tail.length + rest.length > halfBytes
    tail = Buffer.concat([tail, rest]).subarray(-halfBytes)
  })
  return () => `${head.toString("utf8")}${isCut ? "\n[...]\n" : ""}${tail.toString("utf8")}`
}

/** Helpers of util-linux that put a child under limits before it becomes the tool; null where the system has none. */
export type Guards = {
  /** Absolute path of `prlimit`: address space, CPU time, no core dump. Without it only the wall clock limits a tool. */
  readonly prlimit: string | null
  /** Absolute path of `setpriv`: the kernel kills the child when its parent dies. Without it an orphan ends by itself. */
  readonly setpriv: string | null
}

export type Limits = {
  /** Wall clock, milliseconds; afterwards the whole process group is killed. */
  readonly timeoutMs: number
  /** Address space of one tool, bytes. */
  readonly memoryLimitBytes: number
}

const SYSTEM_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]

/** Looks for the guards in the system's own folders, never in PATH: they wrap every tool. */
export const findGuards = async (): Promise<Guards> => ({
  prlimit: await findIn("prlimit"),
  setpriv: await findIn("setpriv"),
})

async function findIn(name: string): Promise<string | null> {
  for (const folder of SYSTEM_FOLDERS) {
    const path = `${folder}/${name}`
    if (await isExecutable(path)) return path
  }
  return null
}

/** Whether this process may execute the file. */
export const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/**
 * The argument vector that runs `program` under the guards. A shell is never involved.
 * The CPU limit ends a spinning tool even when nobody is left to watch the wall clock; it is above what two busy threads
 * can use in that time, and five seconds lie between the signal that we can name and the kernel's SIGKILL.
 */
export function guarded(guards: Guards, limits: Limits, command: readonly string[]): readonly string[] {
  const cpuSeconds = 2 * Math.ceil(limits.timeoutMs / 1000) + 1
  const underLimits =
    guards.prlimit === null
      ? command
      : [
          guards.prlimit,
          `--as=${limits.memoryLimitBytes}`,
          `--cpu=${cpuSeconds}:${cpuSeconds + 5}`,
          "--core=0",
          ...command,
        ]
  return guards.setpriv === null
    ? underLimits
    : [guards.setpriv, "--pdeathsig", "KILL", "--no-new-privs", ...underLimits]
}
