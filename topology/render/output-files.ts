import type { Failure } from "../../src/events/failure.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import type { Claim } from "./outputs.ts"

/** Local files of both outputs. */
export type OutputFiles = { readonly thumbnail: string; readonly proxy: string }

/** Fetches both outputs as they were seen, or says why not; then neither file is of use. */
export async function fetchOutputs(
  { store }: { readonly store: ObjectStore },
  claim: Claim,
  { files, signal }: { readonly files: OutputFiles; readonly signal: AbortSignal },
): Promise<Failure | null> {
  for (const which of ["thumbnail", "proxy"] as const) {
    const head = claim[which]
    if (head === null) throw new Error("output-files: outputs that are not there cannot be fetched")
    const { bucket, key, etag: ifMatch, sizeBytes: maxBytes } = head
    const fetched = await store.fetch({ bucket, key }, { toFile: files[which], ifMatch, maxBytes, signal })
    if (!fetched.ok) return fetched.failure
  }
  return null
}
