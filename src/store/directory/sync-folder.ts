import { open } from "node:fs/promises"
import { sharedRuns } from "../../system/concurrency.ts"
import { orNull } from "../file-errors.ts"

const shared = sharedRuns<void>()

/**
 * Makes names in a folder durable, those of all who ask at one time with one sync: frames of one folder are stored side by side.
 * Some file systems cannot sync a folder; then there is nothing more to be done.
 */
export const syncFolder = (folder: string): Promise<void> =>
  process.platform === "win32" ? Promise.resolve() : shared(folder, () => sync(folder))

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r")
  try {
    await handle.sync().catch(orNull("EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"))
  } finally {
    await handle.close()
  }
}
