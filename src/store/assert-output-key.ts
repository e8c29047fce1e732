import { fileNameOf, folderOf, hasDotSegment, isOutputsFolder } from "../element/key.ts"

/** The one guard of every delete: sources belong to somebody else, and only outputs lie below a `.proxies` segment. */
export function assertOutputKey(key: string): void {
  if (!isOutputsFolder(folderOf(key)) || fileNameOf(key) === "" || hasDotSegment(key))
    throw new RangeError("store: only outputs in a .proxies folder are deleted")
}
