// The pictures that stand for a movie, as files: poster, sheet, and the cues of the sheet.

import { open, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { rangesText } from "../../../element/frame-ranges.ts"
import { done, type Failure, type Result } from "../../../events/result.ts"
import type { IllustrationOrder, Illustrations, MovieDrawing } from "../../index.ts"
import { onScratch } from "../../scratch.ts"
import { inOrder } from "../stitch/ahead.ts"
import { shownFrames } from "../stitch/gaps.ts"
import type { DrawnSheet, SheetOrder, StoredThumbnail, ThumbnailLook } from "./order.ts"
import { BLACK, cellFor, planSheet, posterIndex, type SheetPlan } from "./plan.ts"
import { sheetVtt } from "./vtt.ts"

/** Of a poster, which is looked at for itself, and of cells, which are looked for in a hurry. */
const QUALITY = { poster: 90, sheet: 80 }

/** Thumbnails that are read ahead. */
const AHEAD = 8

/** A movie that cannot be illustrated is no worse a movie: what drawing fails with is said beside it. */
export async function illustrate(order: IllustrationOrder, drawing: MovieDrawing): Promise<Result<Illustrations>> {
  const poster = await madePoster(order, drawing)
  if (!poster.ok) return poster
  const sheet = await madeSheet(order, drawing)
  if (!sheet.ok) return sheet
  return done({
    files: { ...poster.value.files, ...sheet.value.files },
    warnings: [...poster.value.warnings, ...sheet.value.warnings],
    looks: sheet.value.looks,
  })
}

const NO_LOOKS: Illustrations["looks"] = new Map()

const nothing = (what: string, { code }: Failure): Result<Illustrations> =>
  done({ files: {}, warnings: [`The ${what} could not be made: ${code}.`], looks: NO_LOOKS })

/** Whether it is about the pictures or the tools; what the store, the disk and the operator do is not. */
const isOfDrawing = ({ code }: Failure): boolean => code.startsWith("tool/") || code.startsWith("picture/")

/** A process may be killed by whoever needs its memory more: then once more. */
async function drawn<T>(draw: () => Promise<Result<T>>): Promise<Result<T>> {
  const first = await draw()
  return first.ok || first.failure.kind !== "transient" || !isOfDrawing(first.failure) ? first : draw()
}

async function madePoster(order: IllustrationOrder, drawing: MovieDrawing): Promise<Result<Illustrations>> {
  const { found, range, folder, signal, movie } = order
  const first = found.findIndex((frame) => frame >= range.first)
  const shown = found.filter((frame) => frame >= range.first && frame <= range.last)
  const index = posterIndex(shown, order.poster)
  if (index === null) return done({ files: {}, warnings: [], looks: NO_LOOKS })
  const proxy = await order.readProxy(first + index)
  if (!proxy.ok) return proxy
  const movieFile = join(folder, "poster.mp4")
  const written = await onScratch(async () => done(await writeFile(movieFile, proxy.value)))
  if (!written.ok) return written
  const { width, height } = movie
  const asked = { movieFile, folder, width, height, quality: QUALITY.poster, signal }
  const jpeg = await drawn(() => drawing.poster(asked))
  if (!jpeg.ok) return isOfDrawing(jpeg.failure) ? nothing("poster", jpeg.failure) : jpeg
  return onScratch(async () => {
    const poster = join(folder, "poster.jpg")
    await writeFile(poster, jpeg.value)
    return done({ files: { poster }, warnings: [], looks: NO_LOOKS })
  })
}

async function madeSheet(order: IllustrationOrder, drawing: MovieDrawing): Promise<Result<Illustrations>> {
  const plan = planOf(order)
  if (plan === null) return done({ files: {}, warnings: [UNDESCRIBED], looks: NO_LOOKS })
  const asked = await gathered(plan, order)
  if (!asked.ok) return asked
  const sheet = await drawn(() => drawing.sheet(asked.value, order.signal))
  if (!sheet.ok) return isOfDrawing(sheet.failure) ? nothing("scrub sheet", sheet.failure) : sheet
  return onScratch(async () => {
    const [sprites, cues] = [join(order.folder, "sprites.jpg"), join(order.folder, "sprites.vtt")]
    await writeFile(sprites, sheet.value.jpeg)
    await writeFile(cues, sheetVtt(plan, order.sheetName, order.movie.rate))
    return done({ files: { sprites, sprites_vtt: cues }, ...seenOf(plan, order, sheet.value) })
  })
}

const UNDESCRIBED = "The scrub sheet could not be made: no frame tells of its thumbnail."

function planOf({ found, range, gaps, thumbnailOf }: IllustrationOrder): SheetPlan | null {
  const shown = shownFrames(found, range, gaps)
  const at = found.findIndex((_, picture) => thumbnailOf(picture) !== null)
  const described = at < 0 ? null : thumbnailOf(at)
  if (shown === null || described === null) return null
  return planSheet(shown.pictures, found.length, cellFor(described.picture))
}

const GONE: readonly string[] = [
  "store/missing",
  "store/precondition-failed",
  "store/range-not-satisfiable",
  "source/changed",
]

/** Bytes of thumbnails that are gathered before they are written. */
const GATHERED = 2 ** 20

/** The thumbnails of all cells in one file, for a process that may not ask the store. */
const gathered = (plan: SheetPlan, order: IllustrationOrder): Promise<Result<SheetOrder>> =>
  onScratch(async () => {
    const path = join(order.folder, "thumbnails")
    const cells: (StoredThumbnail | null)[] = []
    const file = await open(path, "w")
    try {
      let [offset, written] = [0, 0]
      let pieces: Uint8Array[] = []
      const ask = async (at: number) => cellOf(plan.pictures[at] ?? BLACK, order)
      for await (const cell of inOrder(plan.pictures.length, AHEAD, ask)) {
        if (!cell.ok) return cell
        if (cell.value === null) {
          cells.push(null)
          continue
        }
        const { thumbnail, bytes } = cell.value
        pieces.push(bytes)
        cells.push({ ...thumbnail, offset, sizeBytes: bytes.length })
        offset += bytes.length
        if (offset - written < GATHERED) continue
        await file.writeFile(Buffer.concat(pieces))
        ;[pieces, written] = [[], offset]
      }
      await file.writeFile(Buffer.concat(pieces))
      return done({ plan, file: path, cells, quality: QUALITY.sheet })
    } finally {
      await file.close()
    }
  })

async function cellOf(picture: number, { thumbnailOf, readThumbnail }: IllustrationOrder) {
  const thumbnail = picture === BLACK ? null : thumbnailOf(picture)
  if (thumbnail === null) return done(null)
  const bytes = await readThumbnail(picture)
  if (bytes.ok) return done({ thumbnail, bytes: bytes.value })
  return GONE.includes(bytes.failure.code) ? done(null) : bytes
}

function seenOf(plan: SheetPlan, { found }: IllustrationOrder, { looks }: DrawnSheet) {
  const seen = new Map<number, ThumbnailLook>()
  const black: number[] = []
  for (const [at, look] of looks.entries()) {
    const picture = plan.pictures[at] ?? BLACK
    if (look !== null) seen.set(picture, look)
    else if (picture !== BLACK) black.push(found[picture] ?? 0)
  }
  const frames = black.sort((one, other) => one - other)
  const warnings = frames.length === 0 ? [] : [`Black on the scrub sheet, for want of a thumbnail: ${someOf(frames)}.`]
  return { warnings, looks: seen }
}

/** A warning is a sentence: of many frames the first. */
const MOST_CHARACTERS = 100

function someOf(frames: readonly number[]): string {
  const text = rangesText(Float64Array.from(frames))
  return text.length <= MOST_CHARACTERS ? `frames ${text}` : `${frames.length} frames from ${frames[0]} on`
}
