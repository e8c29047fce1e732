// What is drawn of a movie, as a render process is told and answers it.

import type { SheetPlan, Size } from "./plan.ts"

export type { PosterChoice } from "./plan.ts"

/** A thumbnail as its fact describes it: its canvas, and where in it the picture is. */
export type Thumbnail = Size & { readonly picture: Size & { readonly x: number; readonly y: number } }

/** What a thumbnail tells of its frame: the greatest code value of its cell, and a hash of its bytes. */
export type ThumbnailLook = { readonly peak: number; readonly hash: string }

/** A thumbnail, and where in a file it lies. */
export type StoredThumbnail = Thumbnail & { readonly offset: number; readonly sizeBytes: number }

/** A sheet to draw: plain data. */
export type SheetOrder = {
  readonly plan: SheetPlan
  /** Thumbnails one behind the other. */
  readonly file: string
  /** The thumbnail of each cell; null for one that stays black. */
  readonly cells: readonly (StoredThumbnail | null)[]
  /** 1..100. */
  readonly quality: number
}

export type DrawnSheet = {
  readonly jpeg: Uint8Array
  /** What was seen in each cell; null where it stayed black, because its thumbnail is none or is not what its fact says. */
  readonly looks: readonly (ThumbnailLook | null)[]
}

/** A picture to encode: plain data. */
export type StillOrder = Size & {
  /** Red, green and blue of all pixels in 8 bits, and nothing else. */
  readonly file: string
  /** 1..100. */
  readonly quality: number
}
