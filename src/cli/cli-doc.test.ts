import { expect, it } from "vitest"
import { GROUPS } from "../config/table.ts"
import type { ListedCommand, Parameter } from "./command.ts"
import { COMMANDS } from "./commands.ts"
import { ABOUT, GROUP_SUMMARIES, PROGRAM } from "./program.ts"
import { EXIT_CODES } from "./terminal/io.ts"
import { call } from "./testing/call.ts"
import { type DocumentedCommand, documented, manualPage, sentenceOf } from "./views/manual.ts"

const HEAD = `# Command line

Generated from src/cli/ by its test (\`vitest run src/cli/cli-doc.test.ts -u\`). Do not edit.

Results go to standard output and nothing else does; \`--json\` gives one object a line. Logs, progress and errors go to
standard error: bars on a terminal, a line every ten seconds elsewhere. The first Ctrl-C (or SIGTERM) takes nothing new and
finishes what is begun, the second aborts; neither loses anything. Settings that a command takes as flags are in
[settings.md](settings.md), failure codes in [failures.md](failures.md). Commands that name no folder are typed in the folder of
frames, or below it; those of servers, with the servers' addresses in the environment.

## Exit codes

| code | means |
|---|---|
`

const cell = (text: string): string => text.replaceAll("|", "\\|")

function parameterTable(title: string, parameters: readonly Parameter[]): readonly string[] {
  if (parameters.length === 0) return []
  const rows = parameters.map(({ syntax, says }) => `| \`${cell(syntax)}\` | ${cell(says)} |`)
  return [`| ${title} | |`, "|---|---|", ...rows, ""]
}

const usage = ({ name, parameters = [] }: DocumentedCommand): string =>
  [PROGRAM, name, ...parameters.map(({ syntax }) => syntax), "[options]"].join(" ")

function chapter(command: DocumentedCommand): string {
  const { name, summary, details, parameters = [], options = [], settings = [], examples } = command
  const groups = settings.map((group) => GROUPS[group].toLowerCase()).join(", ")
  return [
    `## ${name}`,
    "",
    `${sentenceOf(summary)}${details === undefined ? "" : ` ${details}`}`,
    "",
    `\`${usage(command)}\``,
    "",
    ...parameterTable("argument", parameters),
    ...parameterTable("option", options),
    ...(groups === "" ? [] : [`Settings taken as flags: ${groups}.`, ""]),
    "```sh",
    ...examples.map(([line, does]) => `${PROGRAM} ${line}    # ${does}`),
    "```",
    "",
  ].join("\n")
}

async function cliDoc(commands: readonly ListedCommand[]): Promise<string> {
  const loaded = await documented(commands)
  const codes = Object.entries(EXIT_CODES).map(([code, means]) => `| ${code} | ${means} |`)
  return `${HEAD}${codes.join("\n")}\n\n${loaded.map(chapter).join("\n")}`
}

it("docs/cli.md describes the commands and exit codes that there are", async () => {
  const doc = await cliDoc(COMMANDS)
  await expect(doc).toMatchFileSnapshot("../../docs/cli.md")
  for (const code of Object.keys(EXIT_CODES)) expect(doc).toContain(`| ${code} | `)
})

it("the manual page is made of the same commands, and of the settings", async () => {
  const page = manualPage(await documented(COMMANDS), { program: PROGRAM, about: ABOUT })
  await expect(page).toMatchFileSnapshot("../../docs/oiio-proxy-generator.1")
  for (const { name } of COMMANDS) expect(page).toContain(`.SS "${name.replaceAll("-", "\\-")}"`)
})

it.each(COMMANDS.map(({ name }) => name))("%s shows help with an example", async (name) => {
  const { code, stdout } = await call([...name.split(" "), "--help"])
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`Examples:\\n {2}\\$ oiio-proxy-generator ${name}`))
})

it("every command and every group of commands says more than its own name", () => {
  const names = COMMANDS.map(({ name }) => name.split(" ")[0] ?? name)
  const groups = new Set(
    names.filter((name, at) => names.indexOf(name) !== at || !COMMANDS.some((one) => one.name === name)),
  )
  expect(Object.keys(GROUP_SUMMARIES).toSorted()).toEqual([...groups].toSorted())
  const summaries = [
    ...Object.entries(GROUP_SUMMARIES),
    ...COMMANDS.map(({ name, summary }) => [name, summary] as const),
  ]
  for (const [name, summary] of summaries) expect([name, summary.split(" ").length > 3]).toEqual([name, true])
})
