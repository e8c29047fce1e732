import { writeFile } from "node:fs/promises"
import { done, type Result } from "../../events/result.ts"
import type { MetadataOrder, MetadataWriter } from "../index.ts"
import { inspectHeader } from "../inspect/inspector.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import { readLocalHeader } from "../read/reading.ts"
import { onScratch } from "../scratch.ts"
import { fittedText } from "./fit.ts"
import { metadataOf } from "./index.ts"

/** Writes what the header of a local file says, within these limits. */
export const openMetadataWriter = (limits: HeaderLimits): MetadataWriter => ({
  async write({ sourceFile, toFile, facts }: MetadataOrder): Promise<Result<{ readonly sizeBytes: number }>> {
    const { key } = facts.element
    const header = await readLocalHeader(sourceFile, (file) => inspectHeader(file, { key, limits }), limits)
    // The pictures are there: that the header cannot be told of in full is no reason to lose them.
    if (!header.ok && header.failure.kind !== "permanent") return header
    const text = fittedText(metadataOf(facts, header.ok ? header.value : header.failure.says))
    return onScratch(async () => {
      await writeFile(toFile, text)
      return done({ sizeBytes: Buffer.byteLength(text) })
    })
  },
})
