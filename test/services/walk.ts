import { readFileSync } from "node:fs"
import { join } from "node:path"
import { FULL_PROXIES } from "../machine/frames.ts"
import { CHECKOUT } from "../machine/npm.ts"
import { type Ended, type Started, start } from "../machine/process.ts"

/** Commands of the README's section on deploying, as they stand there: the lines of its first two fenced blocks. */
export function deployLines(): readonly string[] {
  const readme = readFileSync(join(CHECKOUT, "README.md"), "utf8")
  const section = /^## Deploy it$([\s\S]*?)^## /m.exec(`${readme}\n## `)?.[1] ?? ""
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].slice(0, 2)
  return blocks.flatMap(([, lines = ""]) => lines.trimEnd().split("\n"))
}

/** A shell in which somebody has sourced the environment that `make services` wrote. */
const inShell = (environment: string, line: string): readonly string[] => ["-c", `source "$0" && ${line}`, environment]

const shell = { program: "/bin/bash", cwd: CHECKOUT, env: FULL_PROXIES }

/** Types a line and waits for its end. */
export const typed = (environment: string, line: string): Promise<Ended> =>
  start(inShell(environment, line), shell).ended

/** Types the line of a process that runs until it is told to stop; resolves once that says it is ready. */
export async function served(environment: string, line: string): Promise<Started> {
  const started = start(inShell(environment, `exec ${line}`), shell)
  await started.says("ready")
  return started
}
