/** What every adapter refuses by a throw, because only a bug of the caller asks for it. */

import { fileNameOf, folderOf, hasDotSegment, isOutputsFolder } from "../element/key.ts"
import type { PutOptions } from "./index.ts"

const MOST_TAGS = 10
const MOST_METADATA_BYTES = 2048
const METADATA_NAME = /^[a-z0-9][a-z0-9._-]*$/

/**
 * Throws where a caller asks for what no S3 takes, in every adapter alike, so that a run on a folder finds it too:
 * more than 10 tags, more than 2 KB of metadata, metadata names that are not lower-case header tokens.
 */
export function assertPutOptions({ tags, metadata }: PutOptions): void {
  const entries = Object.entries(metadata)
  const sizeBytes = entries.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0)
  const wrongName = entries.find(([name]) => !METADATA_NAME.test(name))
  if (Object.keys(tags).length > MOST_TAGS) throw new RangeError(`more than ${MOST_TAGS} object tags`)
  if (sizeBytes > MOST_METADATA_BYTES) throw new RangeError(`more than ${MOST_METADATA_BYTES} bytes of user metadata`)
  if (wrongName !== undefined) throw new RangeError(`metadata name ${JSON.stringify(wrongName[0])}`)
}

/** Guards every delete: sources are never ours to delete, and only outputs lie directly in a `.proxies` folder. */
export function assertOutputKey(key: string): void {
  if (!isOutputsFolder(folderOf(key)) || fileNameOf(key) === "" || hasDotSegment(key))
    throw new RangeError("store: only outputs in a .proxies folder are deleted")
}
