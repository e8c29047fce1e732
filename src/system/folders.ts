import { mkdir, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"

/**
 * Makes a folder, and those above it that are missing. Node's own recursive mkdir asks for ever where a folder is there in
 * which none can be made (/proc, and some mounts of users' programs). Rejects with the system's error.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const folder = resolve(path)
  const refused = await tried(folder, mode)
  if (refused === null) return
  if (codeOf(refused) !== "ENOENT") throw refused
  // Somebody else may have made the one above in between.
  if (!(await isFolder(dirname(folder)))) await makeFolder(dirname(folder), mode)
  const still = await tried(folder, mode)
  if (still !== null) throw still
}

/** Null once the folder is there; else why it is not. */
async function tried(folder: string, mode: number): Promise<unknown> {
  try {
    await mkdir(folder, mode)
    return null
  } catch (error) {
    return codeOf(error) === "EEXIST" && (await isFolder(folder)) ? null : error
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      if (codeOf(error) === "") throw error
      return false
    },
  )

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "")
