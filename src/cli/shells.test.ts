import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { COMMANDS } from "./commands.ts"
import { GROUP_SUMMARIES, PROGRAM } from "./program.ts"
import { call } from "./testing/call.ts"
import { completionScript, SHELLS } from "./views/completion.ts"
import { documented } from "./views/manual.ts"

const folder = mkdtempSync(join(tmpdir(), "shells-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const isInstalled = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined

const manual = fileURLToPath(new URL("../../docs/oiio-proxy-generator.1", import.meta.url))

describe("the manual page", () => {
  it.skipIf(!isInstalled("groff"))("is rendered by groff without a warning", () => {
    const { status, stderr, stdout } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-K", "utf8", manual], {
      encoding: "utf8",
    })
    expect([status, stderr]).toEqual([0, ""])
    // Bold letters are struck over.
    expect(stdout.replaceAll(/.[\b]/g, "")).toContain("--frames <ranges>")
  })

  it.skipIf(spawnSync("mandoc", ["-T", "lint", "/dev/null"]).error !== undefined)("is taken by mandoc", () => {
    const { status, stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "error", manual], { encoding: "utf8" })
    expect([status, stdout]).toEqual([0, ""])
  })
})

/** What a bash that has the script offers for a command line, the last word of which is being typed. */
async function offered(...words: readonly string[]): Promise<readonly string[]> {
  const script = join(folder, "completion.bash")
  writeFileSync(script, (await call(["completion", "bash"])).stdout)
  const typed = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _oiio_proxy_generator; printf '%s\n' "\${COMPREPLY[@]}"`
  const printed = execFileSync("bash", ["-c", typed, script, PROGRAM, ...words], { encoding: "utf8" })
  return printed.split("\n").filter(Boolean)
}

describe("completion in bash", () => {
  it("knows commands, those of a group, and flags", async () => {
    expect(await offered("s")).toEqual(["sequences", "sequence", "status", "serve", "schemas", "setup"])
    expect(await offered("failures", "")).toEqual(["list", "retry", "dismiss", "--help"])
    expect(await offered("failures", "dismiss", "--pre")).toEqual(["--prefix"])
    expect(await offered("run", "--ex")).toEqual(["--exclude"])
    expect(await offered("run", "--no-looks")).toEqual(["--no-looks-beside"])
  })

  it("knows the words that a flag or an argument takes, and leaves all else to the names of files", async () => {
    expect(await offered("run", "--engine", "")).toEqual(["in-process", "oiiotool"])
    expect(await offered("completion", "")).toEqual(["bash", "zsh", "fish"])
    expect(await offered("events", "proxy")).toEqual(["proxy-made"])
    for (const words of [
      ["run", "sho"],
      ["run", "--state", ""],
      ["nosuch", "--x"],
    ])
      expect(await offered(...words)).toEqual([])
  })
})

describe("completion", () => {
  it.each(SHELLS)("for %s names every command and every flag", async (shell) => {
    const commands = await documented(COMMANDS)
    const script = completionScript(shell, commands, { program: PROGRAM, groups: GROUP_SUMMARIES })
    const flags = commands.flatMap(({ options = [] }) => options.map(({ syntax }) => syntax.split(" ")[0] ?? ""))
    const spelled = shell === "fish" ? (flag: string) => `-l ${flag.slice(2)} ` : (flag: string) => flag
    for (const word of [...commands.flatMap(({ name }) => name.split(" ")), ...flags.map(spelled)])
      expect([word, script.includes(word)]).toEqual([word, true])
  })

  it.each(SHELLS.map((shell) => ({ shell, isThere: isInstalled(shell) })))(
    "is a script that $shell reads, where it is installed",
    async ({ shell, isThere }) => {
      const { code, stdout } = await call(["completion", shell])
      const script = join(folder, `completion.${shell}`)
      writeFileSync(script, stdout)
      expect(code).toBe(0)
      if (isThere)
        expect(spawnSync(shell, ["-n", script], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" })
    },
  )

  it("of another shell is refused, with those that there are", async () => {
    const { code, stderr } = await call(["completion", "tcsh"])
    expect([code, stderr]).toEqual([2, "error: tcsh is no shell that is known here: name one of bash, zsh, fish.\n"])
  })
})
