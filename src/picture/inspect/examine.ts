import type { Result } from "../../events/result.ts"
import type { Inspected, Reading } from "../index.ts"
import type { FileBytes, HeaderOutcome } from "../read/header/bytes.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import type { PictureHeader } from "../read/header/model.ts"
import { interpret, type PictureRequest } from "../read/reading.ts"
import { inspected, wholeHeader } from "./inspect.ts"

/** All that a header says: as the file has it, as a fact would tell it, and what a renderer would show of it. */
export type Examined = {
  readonly header: PictureHeader
  readonly told: Inspected
  /** Why nothing can be shown, where that is so. */
  readonly reading: Result<Reading>
}

export type ExamineRequest = PictureRequest & { readonly limits: HeaderLimits }

/**
 * Reads a header for a person. Pure; asks for more bytes where the header goes on. That nothing of a readable header can be
 * shown is part of the answer. Fails: source/unsupported-type, picture/*.
 */
export function examine(file: FileBytes, request: ExamineRequest): HeaderOutcome<Examined> {
  const whole = wholeHeader(file, request)
  if (whole.kind !== "read") return whole
  const header = whole.value
  const shown = interpret(file, header, request)
  if (shown.kind === "needMoreBytes") return shown
  const reading: Examined["reading"] =
    shown.kind === "read" ? { ok: true, value: shown.value } : { ok: false, failure: shown.failure }
  return { kind: "read", value: { header, told: inspected(file, header, request), reading } }
}
