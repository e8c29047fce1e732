/** The sheet of shots: what it shows of shots, single frames and failures, as data for its page. */

/** Frames per second. */
export type Rate = { readonly num: number; readonly den: number }

/** The sheet of small pictures that a shot is scrubbed by. */
export type Sprites = SpriteCells & { readonly url: string }

/** How a sheet of sprites is laid out, and which of its cells stands for which moment. */
export type SpriteCells = {
  /** Of a cell, pixels. */
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly rows: number
  /** First frame of the movie, counted from 0, and cell, for each moment in turn. */
  readonly moments: readonly (readonly [from: number, cell: number])[]
}

/** Something worth a look, and at which frames, as ranges. */
export type Finding = readonly [title: string, frames: string]

/** An address that the page may open; null for what is not there, or was left out of a page to mail. */
type Address = string | null

/** One sequence: a tile of the sheet. Every text may be hostile, here and below. */
export type Shot = {
  readonly bucket: string
  /** With its slash; empty at the top of the bucket. */
  readonly folder: string
  /** `beauty.#.exr`. */
  readonly name: string
  /** `002`; null where its name has none. */
  readonly version: string | null
  readonly made: string
  readonly failed: string
  readonly missing: string
  readonly held: string
  readonly findings: readonly Finding[]
  /** Whether the integrity report finds nothing wrong; null without a report. */
  readonly isSound: boolean | null
  readonly firstExpected: number | null
  readonly gaps: string
  readonly rate: Rate | null
  /** Of the movie's first frame. */
  readonly timecode: string | null
  /** 0 where there is no movie. */
  readonly movieFrames: number
  readonly movieBytes: number
  readonly resolution: string | null
  readonly movie: Address
  readonly poster: Address
  readonly sprites: Sprites | null
  /** Of the frame in the middle, square; with the width of its picture divided by the height. */
  readonly thumbnail: Address
  readonly aspect: number
  readonly failureCode: string | null
  readonly failureSays: string | null
  readonly changedAtMs: number
}

/** One frame that has pictures: of a shot, or a tile itself. */
export type Frame = {
  readonly bucket: string
  readonly folder: string
  readonly name: string
  /** Index of its shot among the shots, and its number in it; null for a single frame. */
  readonly shot: number | null
  readonly number: number | null
  readonly thumbnail: Address
  readonly proxy: Address
  readonly further: readonly FurtherOutput[]
  readonly aspect: number
  /** Format and compression, such as exr and zip. */
  readonly format: string
  readonly compression: string | null
  readonly colourSpace: string
  /** Which rule decided, and what was found. */
  readonly colourRule: string
  readonly colourEvidence: string
  readonly look: string
  /** Why this part and these channels. */
  readonly selectionReason: string
  readonly windows: string
  readonly rate: Rate | null
  readonly timecode: string | null
  readonly warnings: readonly string[]
  readonly allBlack: boolean
  /** Its outputs were current already. */
  readonly reused: boolean
  readonly sourceBytes: number
  readonly thumbnailBytes: number
  readonly proxyBytes: number
  readonly madeAtMs: number
  /** Wall time per stage, milliseconds, in the order of the stages. */
  readonly timings: readonly (readonly [stage: string, ms: number])[]
}

export type FurtherOutput = {
  readonly name: string
  readonly url: string
  readonly width: number
  readonly height: number
  readonly sizeBytes: number
}

/** One source that failed: of a shot, or a tile itself. */
export type Failed = {
  readonly bucket: string
  readonly folder: string
  readonly name: string
  readonly shot: number | null
  readonly number: number | null
  readonly stage: string
  readonly code: string
  readonly kind: string
  readonly says: string
  readonly attempts: number
  readonly failedAtMs: number
}

/** Everything that a page shows. */
export type Sheet = {
  readonly title: string
  /** When it was made, epoch milliseconds. */
  readonly madeAtMs: number
  readonly generatorVersion: string
  /** What a copied path begins with: the folder of frames, `s3://`, or nothing. */
  readonly pathStart: string
  /** When its addresses stop to work, epoch milliseconds; null where they do not. */
  readonly expiresAtMs: number | null
  readonly shots: readonly Shot[]
  readonly frames: readonly Frame[]
  readonly failures: readonly Failed[]
}
