import type { Result } from "../../../events/result.ts"
import type { Inspected } from "../../model.ts"
import { readLocalHeader } from "../../read/reading.ts"
import { type InspectRequest, inspectHeader } from "../inspector.ts"

/** Inspects a local file. Fails: source/gone, store/denied, source/changed, source/unsupported-type, picture/*. */
export const inspectFile = (path: string, request: InspectRequest): Promise<Result<Inspected>> =>
  readLocalHeader(path, (file) => inspectHeader(file, request), request.limits)
