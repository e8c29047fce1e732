import { done, type Result } from "../../events/result.ts"
import type { Inspected } from "../index.ts"
import { growHeaderFile } from "../read/read.ts"
import { type InspectRequest, inspectHeader } from "./inspect.ts"

/** Inspects a local file. Fails: source/gone, store/denied, source/changed, source/unsupported-type, picture/*. */
export async function inspectFile(
  path: string,
  request: InspectRequest,
): Promise<Result<{ readonly header: Inspected; readonly bytesRead: number }>> {
  const grown = await growHeaderFile(path, (file) => inspectHeader(file, request), request.limits)
  return grown.ok ? done({ header: grown.value.value, bytesRead: grown.value.bytesRead }) : grown
}
