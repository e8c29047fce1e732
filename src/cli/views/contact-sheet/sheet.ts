import type { Box, Rational } from "../../../events/records.generated.ts"

/** An output that the page links to; `file` is its absolute path, sizes are pixels and bytes. */
export type SheetFile = {
  readonly name: string
  readonly file: string
  readonly width: number
  readonly height: number
  readonly sizeBytes: number
}

/** One frame with its pictures, as the contact sheet shows it. Every text may be hostile. */
export type SheetFrame = {
  readonly bucket: string
  readonly key: string
  /** The thumbnail's bytes; null when it is not there any more. */
  readonly thumbnailJpeg: Uint8Array | null
  /** Absolute path of the proxy; null when it is not there any more. */
  readonly proxyFile: string | null
  /** Outputs beside them that are there. */
  readonly furtherFiles: readonly SheetFile[]
  /** Format and compression of the source, such as exr and zip. */
  readonly format: string
  readonly compression: string | null
  readonly colourSpace: string
  /** Which rule decided, and what was found. */
  readonly colourRule: string
  readonly colourEvidence: string
  readonly look: string
  /** Why this part and these channels. */
  readonly selectionReason: string
  readonly displayWindow: Box
  readonly dataWindow: Box
  readonly pixelAspect: number
  readonly frameRate: Rational | null
  readonly timecode: string | null
  readonly warnings: readonly string[]
  readonly allBlack: boolean
  /** Outputs were current already; nothing was rendered for this element. */
  readonly reused: boolean
  readonly sourceSizeBytes: number
  readonly thumbnailSizeBytes: number
  readonly proxySizeBytes: number
  /** Wall time per stage, milliseconds, in the order of the stages. */
  readonly timingsMs: Readonly<Record<string, number>>
}

/** One element that failed. */
export type SheetFailure = {
  readonly bucket: string
  readonly key: string
  readonly stage: string
  readonly code: string
  readonly kind: string
  readonly says: string
  readonly attempts: number
}

/** Everything a contact sheet shows. */
export type Sheet = {
  readonly title: string
  /** When the page was made, epoch milliseconds. */
  readonly madeAtMs: number
  readonly generatorVersion: string
  /** Absolute path of the folder that the page is written to: proxies are linked relative to it. */
  readonly pageFolder: string
  readonly frames: readonly SheetFrame[]
  readonly failures: readonly SheetFailure[]
}
