// What a render process draws of a movie: its sheet, and a picture of it. Reads files that nobody trusts.

import { hash } from "node:crypto"
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { type NativeEncoders, nativeEncoders } from "../../native/encoders.ts"
import type { NativeLibrary } from "../../native/library.ts"
import { type NativeThumbnails, nativeThumbnails } from "../../native/thumbnails.ts"
import { jpegOf, SRGB_PROFILE, sharpLibrary } from "../jpeg.ts"
import type { DrawnSheet, SheetOrder, StillOrder, StoredThumbnail, ThumbnailLook } from "./order.ts"
import { cornerOf, placeIn, type SheetPlan, type Size } from "./plan.ts"
import { drawCell, isDescribed } from "./thumbnail.ts"

/** The sheet as a JPEG. Memory holds the sheet and one thumbnail. Fails: tool/missing, tool/failed, tool/out-of-memory. */
export async function drawSheet(order: SheetOrder, library: NativeLibrary | null): Promise<Result<DrawnSheet>> {
  const drawing = library === null ? await drawingBySharp() : done(drawingBy(nativeThumbnails(library)))
  if (!drawing.ok) return drawing
  const { plan, file, cells, quality } = order
  const canvas = new Uint8Array(plan.width * plan.height * 3)
  const looks: (ThumbnailLook | null)[] = []
  const opened = openSync(file, "r")
  try {
    for (const [at, thumbnail] of cells.entries())
      looks.push(thumbnail && (await drawnIn(canvas, { plan, at, thumbnail, opened }, drawing.value)))
  } finally {
    closeSync(opened)
  }
  const encoders = library === null ? null : nativeEncoders(library)
  const jpeg = await encoded(canvas, { width: plan.width, height: plan.height, quality }, encoders)
  return jpeg.ok ? done({ jpeg: jpeg.value, looks }) : jpeg
}

/** The picture as a JPEG. Fails as a sheet does. */
export async function drawStill(order: StillOrder, native: NativeEncoders | null): Promise<Result<Uint8Array>> {
  const { width, height, file } = order
  const opened = openSync(file, "r")
  try {
    const sizeBytes = width * height * 3
    if (fstatSync(opened).size !== sizeBytes) return failed(OTHER_SIZE)
    return await encoded(slice(opened, { offset: 0, sizeBytes }), order, native)
  } finally {
    closeSync(opened)
  }
}

const OTHER_SIZE = failure("tool/failed", "ffmpeg did not decode a picture of the movie's size.")

type Cell = {
  readonly plan: SheetPlan
  readonly at: number
  readonly thumbnail: StoredThumbnail
  readonly opened: number
}

/** Draws a thumbnail in its cell; gives the greatest code value there, null where the bytes are not what its fact describes. */
type Drawing = (canvas: Uint8Array, bytes: Uint8Array, cell: Cell) => Promise<number | null> | number | null

async function drawnIn(canvas: Uint8Array, cell: Cell, drawing: Drawing): Promise<ThumbnailLook | null> {
  if (!isDescribed(cell.thumbnail)) return null
  const bytes = slice(cell.opened, cell.thumbnail)
  const peak = await drawing(canvas, bytes, cell)
  return peak === null ? null : { peak, hash: hash("sha256", bytes, "hex").slice(0, 32) }
}

const drawingBy =
  ({ draw }: NativeThumbnails): Drawing =>
  (sheet, bytes, { plan, at, thumbnail }) => {
    const [corner, within] = [cornerOf(plan, at), placeIn(plan.cell, thumbnail.picture)]
    const place = { ...within, x: corner.x + within.x, y: corner.y + within.y }
    return draw(bytes, { thumbnail, sheet, sheetWidth: plan.width, place })
  }

async function drawingBySharp(): Promise<Result<Drawing>> {
  const sharp = await sharpLibrary()
  if (!sharp.ok) return sharp
  return done(async (canvas, bytes, { plan, at, thumbnail }) => {
    const rgb = await drawCell(sharp.value, bytes, { thumbnail, cell: plan.cell })
    if (rgb === null) return null
    copyCell(canvas, rgb, plan, at)
    return rgb.reduce((most, value) => Math.max(most, value), 0)
  })
}

function slice(file: number, { offset, sizeBytes }: Pick<StoredThumbnail, "offset" | "sizeBytes">) {
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for (let read = -1; at < sizeBytes && read !== 0; at += read)
    read = readSync(file, bytes, at, sizeBytes - at, offset + at)
  return bytes.subarray(0, at)
}

function copyCell(canvas: Uint8Array, rgb: Uint8Array, plan: SheetPlan, at: number): void {
  const { x, y } = cornerOf(plan, at)
  const rowBytes = plan.cell.width * 3
  for (let row = 0; row < plan.cell.height; row++)
    canvas.set(rgb.subarray(row * rowBytes, (row + 1) * rowBytes), ((y + row) * plan.width + x) * 3)
}

/** 4:2:0 with a profile of sRGB, as the stills of frames. */
async function encoded(
  rgb: Uint8Array<ArrayBuffer>,
  { width, height, quality }: Size & { readonly quality: number },
  native: NativeEncoders | null,
): Promise<Result<Uint8Array>> {
  if (native !== null) return native.jpeg({ rgb, width, height, quality, icc: SRGB_PROFILE })
  const jpeg = await jpegOf(rgb, { canvas: { width, height } }, quality)
  return jpeg.ok ? done(jpeg.value.bytes) : jpeg
}
