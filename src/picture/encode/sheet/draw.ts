// What a render process draws of a movie: its sheet, and a picture of it. Reads files that nobody trusts.

import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import type Sharp from "sharp"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { NativeEncoders } from "../../native/encoders.ts"
import { jpegOf, SRGB_PROFILE, sharpLibrary } from "../jpeg.ts"
import type { DrawnSheet, SheetOrder, StillOrder, StoredThumbnail, ThumbnailLook } from "./order.ts"
import { cornerOf, type SheetPlan, type Size } from "./plan.ts"
import { drawCell } from "./thumbnail.ts"

/** The sheet as a JPEG. Memory holds the sheet and one thumbnail. Fails: tool/missing, tool/failed, tool/out-of-memory. */
export async function drawSheet(order: SheetOrder, native: NativeEncoders | null): Promise<Result<DrawnSheet>> {
  const sharp = await sharpLibrary()
  if (!sharp.ok) return sharp
  const { plan, file, cells, quality } = order
  const canvas = new Uint8Array(plan.width * plan.height * 3)
  const looks: (ThumbnailLook | null)[] = []
  const opened = openSync(file, "r")
  try {
    for (const [at, cell] of cells.entries()) looks.push(await drawnIn(canvas, { plan, at, cell, opened }, sharp.value))
  } finally {
    closeSync(opened)
  }
  const jpeg = await encoded(canvas, { width: plan.width, height: plan.height, quality }, native)
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
  readonly cell: StoredThumbnail | null
  readonly opened: number
}

async function drawnIn(
  canvas: Uint8Array,
  { plan, at, cell, opened }: Cell,
  sharp: typeof Sharp,
): Promise<ThumbnailLook | null> {
  if (cell === null) return null
  const drawn = await drawCell(sharp, slice(opened, cell), { thumbnail: cell, cell: plan.cell })
  if (drawn !== null) copyCell(canvas, drawn.rgb, plan, at)
  return drawn?.look ?? null
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
