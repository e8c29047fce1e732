import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { orNull } from "../file-errors.ts"
import { ownerOfUpload, removeAbandoned, uploadName } from "./owner.ts"

/** Windows refuses to rename over any folder, and says so as a matter of rights. */
const TAKEN = ["ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM", "EACCES"] : [])]

/**
 * Runs `work` as the only one of all processes that hold this claim; null, at once, when somebody else holds it.
 *
 * A claim is a folder with one file that names its owner, moved into place as a whole: renaming over a folder that is not
 * empty fails on every file system, so the claim and its owner appear in one step, and of those that take over a dead
 * one's claim by removing his file one wins too.
 */
export async function withClaim<T>(path: string, work: () => Promise<T>): Promise<T | null> {
  const mine = uploadName()
  const isMine = (await take(path, mine)) || ((await vacate(path)) && (await take(path, mine)))
  if (!isMine) return null
  try {
    return await work()
  } finally {
    await unlink(join(path, mine)).catch(orNull("ENOENT"))
    await removeEmpty(path)
  }
}

async function take(path: string, mine: string): Promise<boolean> {
  const prepared = join(dirname(path), mine)
  try {
    await mkdir(prepared)
    await writeFile(join(prepared, mine), "")
    return await rename(prepared, path).then(() => true, isFalseFor(TAKEN))
  } finally {
    await rm(prepared, { recursive: true, force: true })
  }
}

/** True when no living process holds the claim any more. */
export async function vacate(path: string): Promise<boolean> {
  const owners = (await readdir(path).catch(orNull("ENOENT"))) ?? []
  for (const file of owners) if (!(await removeAbandoned(join(path, file), ownerOfUpload(file) ?? ""))) return false
  await removeEmpty(path)
  return true
}

/** Not empty: the next owner has it already. */
const removeEmpty = (path: string): Promise<unknown> => rmdir(path).catch(orNull("ENOENT", ...TAKEN))

const isFalseFor =
  (codes: readonly string[]) =>
  (error: unknown): false => {
    orNull(...codes)(error)
    return false
  }
