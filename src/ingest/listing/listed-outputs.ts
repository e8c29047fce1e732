import { compareKeys, folderOf, isOutputsFolder, OUTPUTS_FOLDER } from "../../element/key.ts"
import type { Result } from "../../events/result.ts"
import type { ObjectEntry, ObjectRef } from "../../store/index.ts"

/** What a listing in order tells of outputs, so that they need not be asked for one by one. */
export type ListedOutputs = {
  /** Every value of the listing, in its order. */
  note(listed: Result<ObjectEntry>): void
  /** Whether an output is there; null when the listing has not told, or will not. */
  has(ref: ObjectRef): boolean | null
}

/**
 * Outputs lie in a folder beside their source, whose name sorts before nearly all others: when the listing reaches the
 * source it has told of them. Folders that the listing has left are forgotten, so this stays small.
 */
export function listedOutputs(prefix: string): ListedOutputs {
  const folders = new Map<string, Set<string>>()
  let last = ""
  let isWhole = true
  return {
    note(listed) {
      if (!listed.ok) {
        isWhole = false
        return
      }
      const { key } = listed.value
      last = key
      for (const folder of folders.keys()) if (!key.startsWith(parentOf(folder))) folders.delete(folder)
      const folder = outputFolderOf(key)
      if (folder === null) return
      folders.set(folder, (folders.get(folder) ?? new Set()).add(key))
    },
    has({ key }) {
      const folder = outputFolderOf(key)
      if (!isWhole || folder === null || !folder.startsWith(prefix)) return null
      if (last.startsWith(folder) || compareKeys(last, folder) <= 0 || !last.startsWith(parentOf(folder))) return null
      return folders.get(folder)?.has(key) ?? false
    },
  }
}

/** `dir/.proxies/` of an output, null for any other key. */
function outputFolderOf(key: string): string | null {
  const folder = folderOf(key)
  return isOutputsFolder(folder) ? folder : null
}

const parentOf = (folder: string): string => folder.slice(0, -`${OUTPUTS_FOLDER}/`.length)
