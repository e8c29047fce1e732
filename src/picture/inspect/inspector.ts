import { done } from "../../events/result.ts"
import type { HeaderInspector } from "../index.ts"
import { readGrowing } from "../read/header/growing.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import { inspectHeader } from "./inspect.ts"

/** An inspector that reads at most `limits.headerBytes` of a source. */
export const openHeaderInspector = (limits: HeaderLimits): HeaderInspector => ({
  async inspect({ key, sizeBytes, readSpan }) {
    const grown = await readGrowing({ sizeBytes, readSpan }, (file) => inspectHeader(file, { key, limits }), limits)
    return grown.ok ? done({ header: grown.value.value, bytesRead: grown.value.bytesRead }) : grown
  },
})
