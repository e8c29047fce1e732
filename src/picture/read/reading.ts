/**
 * Deciding from its header alone what is shown of a file: header/ reads it, select/ chooses the picture, colour/ the
 * space.
 */

import { type FileHandle, open } from "node:fs/promises"
import { extname } from "node:path"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { claimProblem } from "../cost.ts"
import type { DataPass, PictureChoice, Reading, ReadRequest } from "../model.ts"
import { dataColour, decideColour } from "./colour/decide.ts"
import { colourSource } from "./colour/decision.ts"
import type { FileBytes, HeaderOutcome, Span } from "./header/bytes.ts"
import { iccBytes } from "./header/icc-profile.ts"
import { DEFAULT_LIMITS, type HeaderLimits } from "./header/limits.ts"
import type { PictureHeader } from "./header/model.ts"
import { readGrowing, readHeader } from "./header/read.ts"
import { isData } from "./select/candidates.ts"
import { NO_CHOICE } from "./select/choice.ts"
import { selectPicture } from "./select/selection.ts"
import { storedSamples } from "./select/stored-samples.ts"

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
  const stored = storedSamples(header.parts, { part, shown: selection.channels })
  if (isData(pass)) {
    const colorspace = dataColour(pass, { look: request.colour.look, configHash: request.configHash })
    return { kind: "read", value: { selection, colorspace, warnings, stored, pass: ranged(pass, choice) } }
  }
  const icc = iccBytes(file, part)
  if (icc.kind === "needMoreBytes") return icc
  const source = colourSource(header, { part, channels: selection.channels }, icc)
  const colour = decideColour({ source, ...request })
  const value = { selection, colorspace: colour.colorspace, stored, warnings: [...warnings, ...colour.warnings] }
  return { kind: "read", value: pass === undefined ? value : { ...value, pass: ranged(pass, choice) } }
}

const ranged = (pass: DataPass, { dataRange }: PictureChoice): DataPass =>
  dataRange === undefined ? pass : { ...pass, range: dataRange }

/**
 * What the header of a local file says about showing it. Reads as little of the file as the header needs.
 * Fails: source/gone, store/denied, source/unsupported-type, picture/*.
 */
export const readLocalPicture = (request: ReadRequest, configHash: string): Promise<Result<Reading>> =>
  readLocalHeader(request.sourceFile, (file) => decideReading(file, { ...request, configHash }))

/** Runs a header reader over a growing part of a local file, up to `limits.headerBytes`. */
export async function readLocalHeader<T>(
  path: string,
  read: (file: FileBytes) => HeaderOutcome<T>,
  limits: HeaderLimits = DEFAULT_LIMITS,
): Promise<Result<T>> {
  return withLocalFile(path, async (handle) => {
    const { size } = await handle.stat()
    const grown = await readGrowing({ sizeBytes: size, readSpan: (span) => bytesAt(handle, span) }, read, limits)
    return grown.ok ? done(grown.value.value) : grown
  })
}

/** Work on a source's file. Fails: source/gone, store/denied, store/failed, picture/not-a-picture, and like `work`. */
export async function withLocalFile<T>(
  path: string,
  work: (handle: FileHandle) => Promise<Result<T>>,
): Promise<Result<T>> {
  try {
    await using handle = await open(path)
    return await work(handle)
  } catch (error) {
    return failed(classify(error, `a ${extname(path)} file`))
  }
}

/** The bytes of a stretch, fewer where the file ends before. */
async function bytesAt(handle: FileHandle, { offset, lengthBytes }: Span): Promise<Result<Uint8Array>> {
  const bytes = new Uint8Array(lengthBytes)
  let filled = 0
  while (filled < lengthBytes) {
    const { bytesRead } = await handle.read(bytes, filled, lengthBytes - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return done(bytes.subarray(0, filled))
}

/** What a file system says about a missing or closed file; anything else is not ours to explain. */
function classify(error: unknown, what: string): Failure {
  const code = error instanceof Error && "code" in error ? error.code : null
  if (code === "ENOENT") return failure("source/gone", `The source, ${what}, no longer exists.`)
  if (code === "EACCES" || code === "EPERM") return failure("store/denied", `The source, ${what}, may not be read.`)
  if (code === "EISDIR") return failure("picture/not-a-picture", "The source is a folder.")
  if (code === "EIO" || code === "ESTALE")
    return failure("store/failed", `Reading the source, ${what}, failed (${code}).`)
  throw error
}
