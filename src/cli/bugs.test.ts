import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, describe, expect, it } from "vitest"

const bin = fileURLToPath(new URL("../../bin/oiio-proxy-generator", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "bugs-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly stderr: string }
type Signalled = { kill(signal: NodeJS.Signals): boolean }

/** Runs the command with a module that Node loads before it, and that plants a bug; `meanwhile` hears what it says. */
function run(args: readonly string[], plant: string, meanwhile?: (said: string, child: Signalled) => void) {
  const preload = join(mkdtempSync(join(folder, "plant-")), "plant.mjs")
  writeFileSync(preload, `import { syncBuiltinESMExports } from "node:module"\n${plant}\nsyncBuiltinESMExports()\n`)
  const child = spawn(bin, args, {
    cwd: folder,
    env: {
      ...process.env,
      ...{ NODE_OPTIONS: `--import ${pathToFileURL(preload)}`, NODE_COMPILE_CACHE: join(folder, "cache") },
      // Nobody listens there: a service waits for it, and says so.
      ...{ KAFKA_BROKER: "127.0.0.1:1", SCHEMA_REGISTRY_URL: "http://127.0.0.1:1", OIIO_START_RETRY_SECONDS: "300" },
      ...{ OIIO_HTTP_PORT: "0", OIIO_LOG_FORMAT: "json" },
    },
    stdio: ["ignore", "ignore", "pipe"],
  })
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    stderr += piece
    meanwhile?.(stderr, child)
  })
  return new Promise<Ended>((ended, failed) => {
    child.on("error", failed)
    child.on("close", (code) => ended({ code, stderr }))
  })
}

const BUG = 'new TypeError("planted")'

/** Throws in a timer, or in a promise, once the program listens for that: before, it would be Node's to tell. */
const soon = (thrown: string, kind: "" | "async" = ""): string => `const timer = setInterval(${kind} () => {
  if (process.listenerCount("uncaughtException") === 0) return
  clearInterval(timer)
  throw ${thrown}
}, 1)`

/** Node's own words where nobody caught something. */
const NODES_OWN = /UNHANDLED_REJECTION|triggerUncaughtException|node:internal\/process\/promises|^Node\.js v/m

const isTheBug = ({ code, stderr }: Ended): void => {
  expect(stderr).toContain("bug: TypeError: planted\n    at ")
  expect(stderr).toContain("Please report this with the command line and the version.")
  expect(stderr).not.toMatch(NODES_OWN)
  expect(code).toBe(70)
}

describe("a bug in the installed command ends it with 70 and the stack", () => {
  it.each([
    ["a dependency rejects", `import fs from "node:fs"\nfs.promises.statfs = async () => { throw ${BUG} }`],
    ["a dependency throws", `import fs from "node:fs"\nfs.promises.statfs = () => { throw ${BUG} }`],
    ["the change notices of a folder throw", `import fs from "node:fs"\nfs.watch = () => { throw ${BUG} }`],
    ["a timer throws", soon(BUG)],
    ["nobody waits for a promise", soon(BUG, "async")],
  ])("where %s", async (_, plant) => {
    isTheBug(await run(["run", ".", "--watch"], plant))
  })

  it.each(["null", "undefined", "12"])("where what is thrown is %s", async (thrown) => {
    const { code, stderr } = await run(["run", ".", "--watch"], soon(thrown))
    expect(stderr).toContain(`bug: ${thrown}\n`)
    expect(code).toBe(70)
  })

  it("where a signal's listener meets it", async () => {
    const plant = `AbortController.prototype.abort = () => { throw ${BUG} }`
    let isAsked = false
    const ended = run(["worker"], plant, (said, child) => {
      if (!isAsked && said.includes("the start waits")) isAsked = child.kill("SIGTERM")
    })
    isTheBug(await ended)
  })
})
