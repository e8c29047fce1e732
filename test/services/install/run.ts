import { spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

type Options = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv }

const KEPT_CHARACTERS = 20_000
const SHOWN_LINES = 25

/** Runs a tool to its end; fails with the last lines of what it said. */
export const run = (file: string, args: readonly string[], options: Options = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    const keep = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-KEPT_CHARACTERS)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", (error) => reject(new Error(`${file} cannot be run: ${error.message}`)))
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(said)
      const tail = said.trimEnd().split("\n").slice(-SHOWN_LINES).join("\n")
      reject(new Error(`${file} ${args.join(" ")} ended with ${signal ?? `exit code ${code}`}:\n${tail}`))
    })
  })

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first file of this name on PATH. */
export const onPath = (name: string): string | undefined =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable)
