import { spawn } from "node:child_process"
import { getCompileCacheDir } from "node:module"
import type { Socket } from "node:net"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { type Guards, killGroup } from "../tools/run-tool.ts"
import {
  type Body,
  CHANNEL,
  createFrameReader,
  type FrameKind,
  frameHead,
  packOrder,
  unpackAnswer,
} from "./protocol.ts"
import type { Thrown } from "./serve-orders.ts"

/** What a render process is, and what it may use. */
export type ProcessOptions = {
  /** The module that it runs: one that calls `serveOrders`. */
  readonly entry: URL
  /** What the module is told at its start; absent for nothing. */
  readonly args?: readonly string[]
  readonly guards: Guards
  /** Program that starts it under limits, in place of the guards (native/confine); null where it was not built. */
  readonly confine: string | null
  /** Most memory beside what Node reserves for itself, bytes. */
  readonly memoryLimitBytes: number
  /** JavaScript heap, bytes. */
  readonly heapBytes: number
}

/** What is heard of a process. */
export type Heard =
  | { readonly kind: "begun" }
  | { readonly kind: "piece"; readonly bytes: Body }
  | { readonly kind: "answered"; readonly answer: unknown }
  | { readonly kind: "threw"; readonly thrown: Thrown }
  /** It sent what it never should. */
  | { readonly kind: "garbage" }
  | { readonly kind: "unstarted"; readonly error: NodeJS.ErrnoException }
  | {
      readonly kind: "ended"
      readonly code: number | null
      readonly signal: NodeJS.Signals | null
      /** The beginning of what it wrote to standard error since its last order. */
      readonly stderr: string
    }

/** A render process that runs. */
export type RenderProcess = {
  readonly pid: number | undefined
  /** Whoever listens last hears everything from now on. */
  readonly listen: (hear: (heard: Heard) => void) => void
  readonly send: (order: unknown) => void
  /** What it sends stays in the channel until this promise is settled. */
  readonly holdUntil: (settled: Promise<unknown>) => void
  /** Whether this program waits for it, or may end without. */
  readonly waitFor: (waited: boolean) => void
  /** At once, with all that it started. */
  readonly kill: () => void
  /** For one that waits for orders: it has nothing to lose. Resolves once it has ended. */
  readonly end: () => Promise<void>
}

/** A profile is written at an end of its own accord. */
const END_GRACE_MS = 5_000

/**
 * Private memory that Node reserves before it does anything, most of which it never touches: 574 MB in version 24, and as much
 * again in reserve.
 */
const NODE_RESERVES_BYTES = 2 ** 30

/**
 * In a checkout, nothing of ours but what Node has made of the sources: without it each process compiles them anew, for 0.2 s.
 * What was built starts without, and may write nothing at all.
 */
function compileCache(entry: URL): string | null {
  const folder = entry.pathname.endsWith(".ts") ? getCompileCacheDir() : undefined
  return folder === undefined ? null : dirname(folder)
}

/** Under these Node writes no profile. */
const PERMISSIONS = ["--permission", "--allow-fs-read=*", "--allow-addons"]

/** A profile of the program shows its render processes, too; no other flag of it is about them. */
const PROFILING = process.execArgv.filter((flag) => flag.startsWith("--cpu-prof"))

/**
 * The argument vector: put to death with this program, without new privileges, under limits; and of Node's own permissions
 * only those to read files, since sources lie anywhere, and to load native code. To write it may only what Node keeps of
 * compiled sources: without that right Node does not read it either.
 */
export function processCommand({
  entry,
  args,
  guards,
  confine,
  memoryLimitBytes,
  heapBytes,
}: ProcessOptions): readonly string[] {
  const dataBytes = memoryLimitBytes + NODE_RESERVES_BYTES
  const cache = compileCache(entry)
  return [
    ...(confine === null ? guarded(guards, dataBytes) : [confine, String(dataBytes)]),
    process.execPath,
    "--no-warnings",
    ...(PROFILING.length > 0 ? [...PROFILING, `--cpu-prof-dir=${process.cwd()}`] : PERMISSIONS),
    ...(cache === null || PROFILING.length > 0 ? [] : [`--allow-fs-write=${cache}`]),
    `--max-old-space-size=${Math.ceil(heapBytes / 2 ** 20)}`,
    fileURLToPath(entry),
    ...(args ?? []),
  ]
}

const guarded = ({ setpriv, prlimit }: Guards, dataBytes: number): readonly string[] => [
  ...(setpriv === null ? [] : [setpriv, "--pdeathsig", "KILL", "--no-new-privs"]),
  ...(prlimit === null ? [] : [prlimit, `--data=${dataBytes}`, "--core=0"]),
]

const STDERR_KEPT = 8 * 1024

/**
 * Starts a render process: no shell, a process group of its own, an empty environment, no descriptor but its channel and its
 * standard error. It keeps this program alive only while it is waited for.
 */
export function startProcess(options: ProcessOptions): RenderProcess {
  const [program = "", ...args] = processCommand(options)
  const cache = compileCache(options.entry)
  const child = spawn(program, args, {
    cwd: "/",
    env: cache === null ? {} : { NODE_COMPILE_CACHE: cache },
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  })
  let hear: (heard: Heard) => void = () => undefined
  const listen = (listener: (heard: Heard) => void): void => {
    hear = listener
  }
  child.on("error", (error) => hear({ kind: "unstarted", error }))
  // Without room for another descriptor Node gives it no streams at all.
  if (child.pid === undefined) return { ...UNSTARTED, listen }
  const channel = child.stdio[CHANNEL] as Socket
  const stderr = keptText(child.stderr as Socket)
  const frames = createFrameReader((kind, body) => hear(heardOf(kind, body)))
  channel.on("data", (bytes: Buffer) => {
    if (!frames.push(bytes)) hear({ kind: "garbage" })
  })
  // It ended: how, is heard of its end.
  channel.on("error", (error: NodeJS.ErrnoException) => {
    if (!CLOSED.has(error.code ?? "")) throw error
  })
  child.on("close", (code, signal) => hear({ kind: "ended", code, signal, stderr: stderr.text() }))
  const waitFor = (waited: boolean): void => {
    for (const one of [child, channel, child.stderr as Socket]) {
      if (waited) one.ref()
      else one.unref()
    }
  }
  waitFor(false)
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child)
  }
  return {
    pid: child.pid,
    listen,
    waitFor,
    send(order) {
      stderr.clear()
      const body = packOrder(order)
      channel.write(Buffer.concat([frameHead("order", body.length), body]))
    },
    holdUntil(settled) {
      channel.pause()
      void settled.finally(() => channel.resume())
    },
    kill,
    end: () =>
      new Promise((resolve) => {
        waitFor(true)
        child.once("close", () => resolve())
        if (PROFILING.length === 0) return kill()
        const clock = setTimeout(kill, END_GRACE_MS)
        child.once("close", () => clearTimeout(clock))
        channel.end()
      }),
  }
}

const UNSTARTED = {
  pid: undefined,
  send: () => undefined,
  holdUntil: () => undefined,
  waitFor: () => undefined,
  kill: () => undefined,
  end: () => Promise.resolve(),
}

const CLOSED: ReadonlySet<string> = new Set([
  "EPIPE",
  "ECONNRESET",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
])

function heardOf(kind: FrameKind, body: Body): Heard {
  switch (kind) {
    case "begun":
      return { kind }
    case "piece":
      return { kind, bytes: body }
    case "answer":
      return { kind: "answered", answer: unpackAnswer(body) }
    case "threw": {
      const thrown = unpackAnswer(body)
      return isThrown(thrown) ? { kind, thrown } : { kind: "garbage" }
    }
    case "order":
      return { kind: "garbage" }
  }
}

const isThrown = (value: unknown): value is Thrown =>
  typeof value === "object" &&
  value !== null &&
  "says" in value &&
  typeof value.says === "string" &&
  "isOutOfMemory" in value

/** A process may talk without end: only the beginning is kept. */
function keptText(stream: Socket) {
  let kept = ""
  stream.setEncoding("utf8")
  stream.on("data", (text: string) => {
    if (kept.length < STDERR_KEPT) kept += text.slice(0, STDERR_KEPT - kept.length)
  })
  return {
    text: () => kept,
    clear: () => {
      kept = ""
    },
  }
}
