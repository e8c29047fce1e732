import type { Selection } from "../../events/records.generated.ts"
import { failed, failure, type Result } from "../../events/result.ts"
import type { PictureHeader } from "../read/header/model.ts"
import { isLuminanceChroma } from "../read/select/exr.ts"
import { luminanceWeights, samplingProblem } from "../samples/exr/luminance-chroma.ts"
import { exrProblem } from "../samples/exr/planes/plane-reader.ts"
import type { NativeLibrary } from "./library.ts"
import { type NativeReader, openNativeReader } from "./reader.ts"

/** An EXR that is read by path. */
export type ExrOrder = {
  readonly path: string
  readonly header: PictureHeader
  readonly selection: Pick<Selection, "part" | "channels">
  /** Bytes that one unpacked chunk, or one row of tiles, may take; 256 MiB where absent, and never more. */
  readonly limitBytes?: number
}

/**
 * Opens the shown channels of an EXR in the library: scan lines and tiles of every compression of OpenEXR 3.5, half, float
 * and uint; luminance and chroma come as R, G, B, other subsampled channels repeated to full size, deep samples flattened.
 * Fails: picture/unsupported (other samplings of chroma), picture/damaged, picture/over-limit,
 * picture/no-displayable-channels, source/gone, store/*.
 */
export function openNativeExr(library: NativeLibrary, order: ExrOrder): Result<NativeReader> {
  const { path, header, selection, limitBytes } = order
  const problem = exrProblem(header, { ...selection, ...(limitBytes === undefined ? {} : { limitBytes }) })
  if (problem !== null) return failed(problem)
  const isChroma = isLuminanceChroma(selection.channels)
  const parts = [header.parts[selection.part], header.parts[0]].filter((part) => part !== undefined)
  const sampling = isChroma ? samplingProblem(parts[0]?.channels ?? [], selection.channels) : null
  if (sampling !== null) return failed(failure("picture/unsupported", sampling))
  const weights = isChroma ? Float64Array.from(luminanceWeights(parts)) : null
  const [red, green = red, blue = red] = selection.channels
  const open = library.declared(
    "void *exr_open(const char *, int, const char *, const char *, const char *, const double *, int *, char *)",
  )
  return openNativeReader(library, (outcome, words) =>
    open(path, selection.part, red, green, blue, weights, outcome, words),
  )
}
