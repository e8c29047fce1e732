import type { BigIntStats } from "node:fs"
import { nearestTime } from "../../events/time.ts"
import type { ObjectEntry, ObjectHead, ObjectRef } from "../index.ts"
import type { Description } from "./sidecar.ts"

/**
 * Names one version of a file: `inode-size-mtimeNs`, decimal. A rename or a new hard link keeps all three; writing in
 * place changes the last, replacing changes the first.
 */
export const etagOf = (stat: Pick<BigIntStats, "ino" | "size" | "mtimeNs">): string =>
  `${stat.ino}-${stat.size}-${stat.mtimeNs}`

export function entryOf({ bucket, key }: ObjectRef, stat: BigIntStats): ObjectEntry {
  const etag = etagOf(stat)
  return {
    bucket,
    key,
    etag,
    sourceVersion: etag,
    sizeBytes: Number(stat.size),
    lastModifiedMs: nearestTime(Number(stat.mtimeNs / 1_000_000n)),
  }
}

export const headOf = (ref: ObjectRef, stat: BigIntStats, description: Description): ObjectHead => ({
  ...entryOf(ref, stat),
  versionId: null,
  contentType: description.contentType,
  metadata: description.metadata,
})
