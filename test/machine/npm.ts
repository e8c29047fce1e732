import { execFile } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const exec = promisify(execFile)

export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url))

const OWN = [".tools/node_modules/.bin", ".tools/node_modules/node/bin", "node_modules/.bin"]

/** PATH as a user has it who has installed nothing but the system's Node: without what this checkout's make puts first. */
export const systemPath = (): string =>
  (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => !OWN.some((own) => folder === join(CHECKOUT, own)) && folder !== dirname(process.execPath))
    .join(":")

/**
 * The system's npm, which reads the system's npmrc (a facility's mirror stands there) only while the system's Node is the
 * first on PATH. Answers stdout; rejects with npm's own words.
 */
export async function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: systemPath() }
  const { stdout } = await exec("npm", args, { cwd, env, maxBuffer: 2 ** 26 })
  return stdout.trim()
}
