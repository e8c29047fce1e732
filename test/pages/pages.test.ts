import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { debianMissing } from "../machine/debian.ts"
import { CHECKOUT } from "../machine/npm.ts"
import { start } from "../machine/process.ts"
import { freePort } from "../services/ports.ts"
import { firstUnlike } from "./answer.ts"
import { allShown, blocksOf, commandsOf, PAGES, readPage, type Shown } from "./blocks.ts"
import { DECLARED, declaredOf, wordsOf } from "./declared.ts"
import { openShell } from "./shell.ts"
import { openWorld, placed, type World } from "./world.ts"

const SQLITE = await debianMissing({ programs: ["/usr/bin/sqlite3"], packages: ["sqlite3"] })
const isThere = ({ command }: Shown): boolean => SQLITE === null || !command.startsWith("sqlite3 ")

const SHOWN = allShown()
/** Its reader has docker-compose.yml running: test/platform/compose.int.test.ts types it. */
const COMPOSE_PAGE = "docs/compose.md"
const isTyped = ({ page, command }: Shown): boolean => {
  if (page === COMPOSE_PAGE) return false
  const declared = declaredOf(command)
  return declared === undefined || !("untyped" in declared || "servers" in declared)
}
const TYPED = Map.groupBy(SHOWN.filter(isTyped).filter(isThere), ({ page }) => page)

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.remove())

/** The pages' commands that name no folder are typed in the folder of frames, as the page of the command line says. */
const folderOf = ({ page, command }: Shown): string =>
  (page === "docs/cli.md" || page === "docs/state.md") && !command.includes("shots/") ? "shots" : "."

const SERVED = "127.0.0.1:8484"

/** What answers a page's requests there, on a copy of its own; null where the page makes none. */
async function startServed(
  shown: readonly Shown[],
): Promise<{ readonly port: string; readonly stop: () => void } | null> {
  if (!shown.some(({ command }) => command.startsWith("curl ") && command.includes(SERVED))) return null
  const port = String(await freePort())
  const env = { OIIO_SERVE_PORT: port }
  const served = start(["run", join(world.copy(), "shots"), "--watch", "--serve"], { env })
  await served.says("The console is at ")
  return { port, stop: () => served.send("SIGKILL") }
}

async function typeAll(page: string, shown: readonly Shown[], port: string | undefined): Promise<void> {
  const root = world.copy()
  const shell = openShell(root)
  for (const one of shown) {
    const command = port === undefined ? one.command : one.command.replace(SERVED, `127.0.0.1:${port}`)
    const declared = declaredOf(one.command)
    const until = declared !== undefined && "until" in declared ? { until: declared.until } : {}
    const answered = await shell.types(placed(command, root), { folder: folderOf(one), ...until })
    const where = `${page}:${one.line}: ${command}\n${answered.all.slice(0, 2_000)}`
    if (one.answer === null) expect(answered.code, where).toBe(codeOf(one.command))
    else expect(firstUnlike(one.answer, answered.all.replaceAll(root, "/home/ana")), where).toBeNull()
  }
}

const codeOf = (command: string): number => {
  const declared = declaredOf(command)
  return declared !== undefined && "code" in declared ? declared.code : 0
}

describe("what the pages tell a reader to type", () => {
  it.concurrent.each([...TYPED.keys()])("works as it stands, one line after the other: %s", async (page) => {
    const shown = TYPED.get(page) ?? []
    const served = await startServed(shown)
    await typeAll(page, shown, served?.port).finally(() => served?.stop())
  })

  it.skipIf(SQLITE !== null)(`is typed with SQLite's own program${SQLITE === null ? "" : ` (${SQLITE})`}`, () => {
    expect(TYPED.get("docs/state.md")?.map(({ command }) => command)).toEqual([expect.stringMatching(/^sqlite3 /)])
  })

  it("is known to make", () => {
    const targets = SHOWN.flatMap(({ command }) => /^make ([\w-]+)/.exec(command)?.[1] ?? [])
    expect(targets).toContain("demo")
    const makefile = readFileSync(join(CHECKOUT, "Makefile"), "utf8")
    for (const target of targets) expect(makefile).toMatch(new RegExp(`^${target}:`, "m"))
  })
})

describe("the list of commands that are not simply typed", () => {
  it("names none that no page has any more", () => {
    const words = new Set(SHOWN.map(({ command }) => wordsOf(command)))
    expect(Object.keys(DECLARED).filter((command) => !words.has(command))).toEqual([])
  })
})

describe("a block of a page", () => {
  it.each(PAGES)("says what it holds, so that no command is overlooked: %s", (page) => {
    for (const { line, language, lines } of blocksOf(page, readPage(page))) {
      const where = `${page}:${line}`
      expect(["sh", "console", "sql", "json", "yaml", "ts", "mermaid", "text"], where).toContain(language)
      const typed = lines.filter((text) =>
        /^\s*(\$ |(bin\/)?oiio-proxy-generator |make |npm |npx |docker |sqlite3 )/.test(text),
      )
      if (!["sh", "console"].includes(language)) expect(typed, where).toEqual([])
    }
  })

  it("is read as a shell reads it: comments, lines that go on, answers", () => {
    const page =
      "# A\n```sh\n# first\nrun \\\n  it   # so\n```\n- in a list\n  ```console\n  $ say\n  > more\n  hello\n  ```\n"
    const shown = blocksOf("a.md", page).flatMap((block) => commandsOf(block))
    expect(shown).toEqual([
      { page: "a.md", line: 4, command: "run \\\n  it   # so", answer: null },
      { page: "a.md", line: 9, command: "say\nmore", answer: ["hello"] },
    ])
  })
})

describe("an answer that a page shows", () => {
  it.each([
    ["numbers, times and widths", ["made 3 in 1.2 s", "a   b"], "made 12 in 0.05 s\n\na b\n"],
    ["lines left out at the end", ["first", "..."], "first\nsecond\nthird"],
    ["lines left out at the beginning", ["...", "third"], "first\nsecond\nthird"],
    ["lines left out between", ["first", "...", "third", "..."], "first\nsecond\nthird\nfourth"],
    ["text left out within a line", ["a … c", "d…"], "a b c\nd e"],
  ])("is that of the command, but for %s", (_, shown, said) => {
    expect(firstUnlike(shown, said)).toBeNull()
  })

  it.each([
    ["another word", ["made 3"], "lost 3"],
    ["a line too many", ["first"], "first\nsecond"],
    ["a line too few", ["first", "second"], "first"],
    ["another end", ["first", "...", "last"], "first\nlast\nmore"],
    ["another beginning", ["second", "..."], "first\nsecond"],
    ["what was left out being all there is", ["first", "...", "third", "..."], "first\nsecond"],
    ["other text within a line", ["a … c"], "b b c"],
  ])("is found untrue for %s", (_, shown, said) => {
    expect(firstUnlike(shown, said)).not.toBeNull()
  })
})
