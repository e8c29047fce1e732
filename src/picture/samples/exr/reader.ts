/**
 * Reading the samples of an EXR: chunks are read (chunks/), unpacked (compression/) and put together as rows
 * (planes/).
 */

import type { Selection } from "../../../events/records.generated.ts"
import { done, type Result } from "../../../events/result.ts"
import type { PictureHeader } from "../../read/header/model.ts"
import type { ByteSource, SampleReader, SampleRow } from "../index.ts"
import { fullRows, openPlaneReader } from "./planes/plane-reader.ts"
import type { PlaneReader } from "./planes/planes.ts"

/** Bytes that one unpacked chunk, or one row of tiles, may take; 256 MiB where absent. */
export type ExrReaderLimits = { readonly limitBytes?: number }

/**
 * Opens the shown channels of an EXR: scan lines or tiles (of several levels the full size), of any part, in any line
 * order; half, float and uint; NONE, RLE, ZIPS, ZIP and PIZ, and B44 and DWA, for which it is asked only where oiiotool
 * does not read the part (exr-support.ts). A channel that is shown more than once (grey) is read once. Subsampled
 * channels are repeated to full size; luminance with chroma is another reader's (luminance-chroma.ts).
 * Fails: picture/unsupported, picture/damaged, picture/over-limit, picture/no-displayable-channels.
 */
export function openExrReader(
  bytes: ByteSource,
  header: PictureHeader,
  selection: Pick<Selection, "part" | "channels">,
  limits: ExrReaderLimits = {},
): Result<SampleReader> {
  const channels = [...new Set(selection.channels)]
  const opened = openPlaneReader(bytes, header, { part: selection.part, channels, ...limits })
  if (!opened.ok) return opened
  const order = [0, 1, 2].map((index) => channels.indexOf(selection.channels[index] ?? ""))
  return done(sampleReader(opened.value, order))
}

function sampleReader(reader: PlaneReader, order: readonly number[]): SampleReader {
  const readRows = fullRows(reader)
  return {
    width: reader.width,
    height: reader.height,
    readRows: (range, visit) => readRows(range, (row, planes) => visit(row, shown(planes, order))),
  }
}

function shown(planes: readonly Float32Array[], [red = 0, green = 0, blue = 0]: readonly number[]): SampleRow {
  return [planes[red], planes[green], planes[blue]] as [Float32Array, Float32Array, Float32Array]
}
