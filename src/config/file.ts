import { accessSync, constants, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { parseDocument } from "yaml"
import { type Failure, failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"

/** Name of the settings file in the state folder. */
export const CONFIG_FILE_NAME = "oiio-proxy-generator.yaml"

/** What a settings file says: setting name to value as YAML gives it. */
export type FileValues = Readonly<Record<string, unknown>>

const UNREADABLE: Record<string, string> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  EISDIR: "is a folder, not a file",
}

const invalid = (path: string, says: string): Failure => failure("config/invalid", `The settings file ${path} ${says}.`)

function classify(error: unknown, path: string): Failure {
  const { code, message } = error as NodeJS.ErrnoException
  const closed = code === "EACCES" ? closedFolder(dirname(path)) : null
  if (closed !== null)
    return failure("config/invalid", `The folder ${closed} may not be entered by this user: give this user that right.`)
  const says = UNREADABLE[code ?? ""]
  if (says !== undefined) return invalid(path, says)
  if (error instanceof ReferenceError) return invalid(path, `is not valid YAML: ${message}`)
  throw error
}

/** The uppermost folder on the way to this one that the user may not enter; null when all may be entered. */
function closedFolder(folder: string): string | null {
  const above = dirname(folder) === folder ? null : closedFolder(dirname(folder))
  return above ?? (mayEnter(folder) ? null : folder)
}

function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return true
  } catch (error) {
    if (error instanceof Error && "code" in error) return error.code !== "EACCES"
    throw error
  }
}

function parsed(text: string, path: string): Result<FileValues> {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined)
    return failed(invalid(path, `is not valid YAML: ${error.message.split("\n")[0]?.replace(/:$/, "")}`))
  const values: unknown = document.toJS({ maxAliasCount: 20 }) ?? {}
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return failed(invalid(path, "must be a mapping of setting names to values"))
  }
  return done(values as FileValues)
}

/**
 * Reads a settings file. An absent file is no failure where `optional`: it then says nothing.
 * Fails: config/invalid (absent, unreadable, not YAML, not a mapping).
 */
export function readConfigFile(path: string, optional: boolean): Result<FileValues | null> {
  try {
    return parsed(readFileSync(path, "utf8"), path)
  } catch (error) {
    const problem = classify(error, path)
    const absent = ["ENOENT", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code))
    return absent && optional ? done(null) : failed(problem)
  }
}
