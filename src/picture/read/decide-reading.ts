/**
 * Deciding from its header alone what is shown of a file: header/ reads it, select/ chooses the picture, colour/ the
 * space.
 */

import { claimProblem } from "../cost.ts"
import type { DataPass, PictureChoice, Reading, ReadRequest } from "../index.ts"
import { dataColour, decideColour } from "./colour/decide.ts"
import { colourSource } from "./colour/decision.ts"
import type { FileBytes, HeaderOutcome } from "./header/bytes.ts"
import { iccBytes } from "./header/icc-profile.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "./header/limits.ts"
import type { PictureHeader } from "./header/model.ts"
import { readHeader } from "./header/read.ts"
import { NO_CHOICE } from "./select/choice.ts"
import { selectPicture } from "./select/selection.ts"
import { isData } from "./select/shown.ts"

export type PictureRequest = Omit<ReadRequest, "sourceFile"> & {
  /** First 16 hex digits of the OCIO config's sha256. */
  readonly configHash: string
  readonly limits?: HeaderLimits
  /** Whether the engine reads subsampled channels and luminance with chroma itself; if not, they are refused. */
  readonly ownReaders?: boolean
}

/**
 * What a header says about showing the picture: which part and channels, where, when, and in which colour space. Pure;
 * asks for more bytes where the header goes on. Fails: source/unsupported-type, picture/*.
 */
export function decideReading(file: FileBytes, request: PictureRequest): HeaderOutcome<Reading> {
  const limits = request.limits ?? DEFAULT_LIMITS
  const header = readHeader(file, request.key, limits)
  if (header.kind !== "read") return header
  const read = decideFromHeader(file, header.value, request)
  const part = read.kind === "read" ? header.value.parts[read.value.selection.part] : undefined
  const problem = part === undefined ? null : claimProblem(part, file.fileSizeBytes, limits)
  return problem === null ? read : { kind: "failed", failure: problem }
}

/** The same for a header that has been read already (the inspector's). */
export function decideFromHeader(
  file: FileBytes,
  header: PictureHeader,
  request: PictureRequest,
): HeaderOutcome<Reading> {
  const limits = request.limits ?? DEFAULT_LIMITS
  const { ownReaders = false, choice = NO_CHOICE } = request
  const selected = selectPicture(header, { fileSizeBytes: file.fileSizeBytes, limits, ownReaders, choice })
  if (!selected.ok) return { kind: "failed", failure: selected.failure }
  const { selection, part, warnings, pass } = selected.value
  if (isData(pass)) {
    const colorspace = dataColour(pass, { look: request.colour.look, configHash: request.configHash })
    return { kind: "read", value: { selection, colorspace, warnings, pass: ranged(pass, choice) } }
  }
  const icc = iccBytes(file, part)
  if (icc.kind === "needMoreBytes") return icc
  const source = colourSource(header, { part, channels: selection.channels }, icc)
  const colour = decideColour({ source, ...request })
  const value = { selection, colorspace: colour.colorspace, warnings: [...warnings, ...colour.warnings] }
  return { kind: "read", value: pass === undefined ? value : { ...value, pass: ranged(pass, choice) } }
}

const ranged = (pass: DataPass, { dataRange }: PictureChoice): DataPass =>
  dataRange === undefined ? pass : { ...pass, range: dataRange }
