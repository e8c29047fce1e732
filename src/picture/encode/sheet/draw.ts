import type Sharp from "sharp"
import { done, type Result } from "../../../events/result.ts"
import { jpegOf, sharpLibrary } from "../jpeg.ts"
import { inOrder } from "../stitch/ahead.ts"
import { BLACK, cornerOf, type SheetPlan, type Size } from "./plan.ts"
import { type DecodedThumbnail, decodeThumbnail, type Thumbnail, type ThumbnailLook } from "./thumbnail.ts"

/** The thumbnails of a sequence's frames, by number, and how they are read. */
export type Thumbnails = {
  readonly describe: (picture: number) => Thumbnail
  /** Fails as the store does; what is missing or was replaced is left black. */
  readonly read: (picture: number) => Promise<Result<Uint8Array>>
  /** Readings before the first is answered. */
  readonly ahead: number
}

export type DrawnSheet = {
  readonly jpeg: Uint8Array
  /** Pictures whose cell stayed black, because their thumbnail is not there or is not what its fact says. */
  readonly undrawn: readonly number[]
  /** What was seen of the others. */
  readonly looks: ReadonlyMap<number, ThumbnailLook>
}

const GONE: readonly string[] = ["store/missing", "store/precondition-failed", "source/changed"]

/** The sheet as a JPEG. Memory holds the sheet and `ahead` thumbnails. Fails: tool/missing, and as thumbnails are read. */
export async function drawSheet(plan: SheetPlan, thumbnails: Thumbnails, quality: number): Promise<Result<DrawnSheet>> {
  const sharp = await sharpLibrary()
  if (!sharp.ok) return sharp
  const canvas = new Uint8Array(plan.width * plan.height * 3)
  const looks = new Map<number, ThumbnailLook>()
  const undrawn: number[] = []
  const cells = [...plan.pictures.entries()].filter(([, picture]) => picture !== BLACK)
  const ask = (index: number) => thumbnails.read(cells[index]?.[1] ?? 0)
  let next = 0
  for await (const bytes of inOrder(cells.length, thumbnails.ahead, ask)) {
    const [at, picture] = cells[next++] ?? [0, 0]
    if (!bytes.ok && !GONE.includes(bytes.failure.code)) return bytes
    const described = thumbnails.describe(picture)
    const thumbnail = bytes.ok ? await decodeThumbnail(sharp.value, bytes.value, described) : null
    if (thumbnail === null) undrawn.push(picture)
    else {
      looks.set(picture, thumbnail.look)
      copyCell(canvas, await cellOf(sharp.value, thumbnail, described, plan.cell), plan, at)
    }
  }
  const jpeg = await jpegOf(canvas, { canvas: { width: plan.width, height: plan.height } }, quality)
  return jpeg.ok ? done({ jpeg: jpeg.value.bytes, undrawn, looks }) : jpeg
}

/** The picture without the bars of its thumbnail; one of another shape than the cell has gets bars of the cell's. */
const cellOf = (sharp: typeof Sharp, { rgb }: DecodedThumbnail, thumbnail: Thumbnail, cell: Size): Promise<Buffer> => {
  const { x: left, y: top, width, height } = thumbnail.picture
  return sharp(rgb, { raw: { width: thumbnail.width, height: thumbnail.height, channels: 3 } })
    .extract({ left, top, width, height })
    .resize({ ...cell, fit: "contain", background: "#000" })
    .raw()
    .toBuffer()
}

function copyCell(canvas: Uint8Array, rgb: Uint8Array, plan: SheetPlan, at: number): void {
  const { x, y } = cornerOf(plan, at)
  const rowBytes = plan.cell.width * 3
  for (let row = 0; row < plan.cell.height; row++)
    canvas.set(rgb.subarray(row * rowBytes, (row + 1) * rowBytes), ((y + row) * plan.width + x) * 3)
}
