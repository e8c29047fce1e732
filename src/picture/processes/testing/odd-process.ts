import { readdirSync, readFileSync, readlinkSync, writeFileSync, writeSync } from "node:fs"
import koffi from "koffi"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { enterSandbox, loadNativeLibrary } from "../../native/library.ts"
import { CHANNEL, frameHead, packAnswer } from "../protocol.ts"
import { type PutPiece, serveOrders } from "../serve-orders.ts"

/** What a process may be told to do in tests: everything that can go wrong, and what goes right. */
export type Order = keyof typeof ACTS

const hoard = (): never => {
  const kept: number[][] = []
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index + 0.5))
}

/** Memory outside the heap, touched, until there is none. */
const fill = (): never => {
  const kept: Uint8Array[] = []
  for (;;) kept.push(new Uint8Array(64 * 2 ** 20).fill(1))
}

function answerNow(answer: Result<unknown>): void {
  const parts = packAnswer(answer)
  for (const bytes of [
    frameHead(
      "answer",
      parts.reduce((sum, { length }) => sum + length, 0),
    ),
    ...parts,
  ])
    writeSync(CHANNEL, bytes)
}

const FILE = "/tmp/oiio-odd-process"

/** Calls of the C library, past all that Node forbids: what native code could do. Gives -errno where one fails. */
function inC(declaration: string, ...args: readonly unknown[]) {
  const value = Number(koffi.load(null).func(declaration)(...args))
  return done(value < 0 ? -koffi.errno() : value)
}

const OPEN = "int open(const char *path, int flags, int mode)"
const [READING, WRITING, CREATING, APPENDING] = [0, 1, 0o101, 0o2001]

const ACTS = {
  "open for reading": () => inC(OPEN, "/etc/passwd", READING, 0),
  "open for writing": () => inC(OPEN, "/dev/null", WRITING, 0),
  "open for appending": () => inC(OPEN, "/dev/null", APPENDING, 0),
  "make a file": () => inC(OPEN, FILE, CREATING, 0o600),
  "make a folder": () => inC("int mkdir(const char *path, int mode)", FILE, 0o700),
  "remove a folder": () => inC("int rmdir(const char *path)", FILE),
  "open a socket": () => inC("int socket(int domain, int type, int protocol)", 2, 1, 0),
  "start a program": () => inC("int execve(const char *path, void *args, void *env)", "/bin/true", null, null),
  "split in two": () => inC("int fork(void)"),
  "signal its parent": () => inC("int kill(int pid, int signal)", process.ppid, 0),
  "trace its parent": () => inC("long ptrace(long request, long pid, long at, long data)", 16, process.ppid, 0, 0),
  "raise its limits": () =>
    inC("int setrlimit(int resource, void *limits)", 9, new BigUint64Array([2n ** 40n, 2n ** 40n])),
  "read its parent's environment": () => inC(OPEN, `/proc/${process.ppid}/environ`, READING, 0),
  "make a ring": () => inC("long syscall(long number, int entries, void *params)", 425, 8, new Uint8Array(120)),

  echo: () => done(42),
  refuse: () => failed(failure("picture/damaged", "The file is cut off.")),
  bytes: () => done({ one: Uint8Array.of(1, 2, 3), none: new Uint8Array(0), text: "ü" }),
  pieces: (put: PutPiece) => {
    for (let piece = 0; piece < 40; piece++) put(new Uint8Array(100_000).fill(piece))
    return done(40)
  },
  pid: () => done(process.pid),
  surroundings: () =>
    done({
      env: Object.keys(process.env),
      cwd: process.cwd(),
      open: readdirSync("/proc/self/fd").map((name) => {
        try {
          return readlinkSync(`/proc/self/fd/${name}`)
        } catch {
          return "the listing itself"
        }
      }),
      limits: readFileSync("/proc/self/limits", "utf8"),
      group: readFileSync("/proc/self/stat", "utf8").split(" ")[4] === String(process.pid),
    }),
  write: () => {
    writeFileSync("/tmp/never-written", "")
    return done(0)
  },
  throw: () => {
    throw new Error("no such row in /tmp/place/of/ours.ts")
  },
  spin: () => {
    for (;;) Math.random()
  },
  heap: hoard,
  fill,
  buffers: () => done(new Float64Array(2 ** 52).length),
  exit: () => process.exit(7),
  abort: () => process.abort(),
  /** A fault of native code: it writes to address 0. */
  segv: () => done(koffi.load(null).func("void *memset(void *at, int value, size_t length)")(null, 0, 8) as null),
  talk: () => {
    for (let line = 0; line < 10_000; line++) process.stderr.write(`${"words without end ".repeat(10)}\n`)
    process.stdout.write("and more")
    return done(42)
  },
  garbage: () => {
    writeSync(CHANNEL, "this is no frame, whoever reads it")
    return done(42)
  },
  "an answer of another kind": () => done("no number"),
  "a failure that nobody knows": () => ({ ok: false, failure: { code: "none", kind: "permanent", says: "" } }) as never,
  "an answer too many": () => {
    answerNow(done(42))
    return done(43)
  },
} satisfies Record<string, (put: PutPiece) => Result<unknown>>

/** With a library it gives its rights away, as those that render do. */
const [, , path] = process.argv
if (path !== undefined) {
  const library = loadNativeLibrary(path)
  if (!library.ok) throw new Error(library.failure.says)
  enterSandbox(library.value)
}

await serveOrders<Order>((order, put) => ACTS[order](put))
