import { spawn } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { SMALL_PROXIES } from "../machine/frames.ts"
import { CHECKOUT } from "../machine/npm.ts"

export type Answered = { readonly code: number | null; readonly stdout: string; readonly all: string }

/** A reader's shell: what one command exports, the next one has. */
export type Shell = {
  readonly types: (command: string, options?: TypeOptions) => Promise<Answered>
}

export type TypeOptions = {
  /** Below the folder of the shell. */
  readonly folder?: string
  /** A command that goes on: Ctrl-C once it has said this. */
  readonly until?: RegExp
}

/** Keeps what was set and how it ended for the next command, as a shell does that goes on. */
const SCRIPT = `set -a; . "$SHELL_STATE"; (exit \${SHELL_CODE:-0}); eval "$1"; SHELL_CODE=$?
export -p > "$SHELL_STATE"; exit $SHELL_CODE`

export function openShell(root: string, env: Readonly<Record<string, string>> = {}): Shell {
  const home = join(root, "home")
  mkdirSync(home, { recursive: true })
  const state = join(home, "shell-state")
  if (!existsSync(state)) writeFileSync(state, "")
  const path = [dirname(process.execPath), join(CHECKOUT, "bin"), "/usr/local/bin", "/usr/bin", "/bin"].join(":")
  const given = {
    PATH: path,
    HOME: home,
    LANG: "C.UTF-8",
    ...SMALL_PROXIES,
    OIIO_SERVE_PORT: "0",
    ...env,
    SHELL_STATE: state,
  }
  return {
    types: (command, { folder = ".", until } = {}) => {
      // What goes on takes the shell's place, so that Ctrl-C meets it alone.
      const script = until === undefined ? SCRIPT : `. "$SHELL_STATE"; eval "exec $1"`
      const child = spawn("bash", ["-c", script, "bash", command], {
        cwd: join(root, folder),
        env: given,
        stdio: ["ignore", "pipe", "pipe"],
      })
      return heard(child, until)
    },
  }
}

/** Past it a command goes on, or hangs: the list of declared.ts says of which the former is true. */
const ENDS_WITHIN_MS = 150_000

function heard(child: ReturnType<typeof spawn>, until: RegExp | undefined): Promise<Answered> {
  const said = { stdout: "", all: "" }
  let isInterrupted = false
  const hear = (isOut: boolean) => (chunk: Buffer) => {
    if (isOut) said.stdout += chunk.toString()
    said.all += chunk.toString()
    if (!isInterrupted && until?.test(said.all) === true) isInterrupted = child.kill("SIGINT")
  }
  child.stdout?.on("data", hear(true))
  child.stderr?.on("data", hear(false))
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    const deadline = setTimeout(() => {
      child.kill("SIGKILL")
      reject(new Error(`it goes on; test/pages/declared.ts says what ends such a command. It said: ${said.all}`))
    }, ENDS_WITHIN_MS)
    child.on("close", (code, signal) => {
      clearTimeout(deadline)
      // As a shell says it.
      resolve({ code: signal === "SIGINT" ? 130 : code, ...said })
    })
  })
}
