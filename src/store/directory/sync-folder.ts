import { open } from "node:fs/promises"
import { orNull } from "../file-errors.ts"

/** A sync of a folder that is under way, and the one that begins after it for all who have come meanwhile. */
type Line = { readonly underway: Promise<void>; next: Promise<void> | null }

const lines = new Map<string, Line>()

/**
 * Makes names in a folder durable. One that is under way may have begun before the caller's change, so whoever comes meanwhile
 * waits for the next, and all of them share it: frames of one folder are stored side by side. Some file systems cannot sync
 * a folder; then there is nothing more to be done.
 */
export function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return Promise.resolve()
  const line = lines.get(folder)
  if (line === undefined) return begin(folder)
  const begins = (): Promise<void> => begin(folder)
  line.next ??= line.underway.then(begins, begins)
  return line.next
}

function begin(folder: string): Promise<void> {
  const line: Line = { underway: sync(folder), next: null }
  lines.set(folder, line)
  const end = (): void => {
    if (line.next === null) lines.delete(folder)
  }
  line.underway.then(end, end)
  return line.underway
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r")
  try {
    await handle.sync().catch(orNull("EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"))
  } finally {
    await handle.close()
  }
}
