import { done, failed, failure, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import type { PixelPictures } from "../../pixels/pictures.ts"
import type { PixelPlan } from "../../pixels/plan.ts"
import { renderPixels } from "../../pixels/render.ts"
import { withFileBytes } from "../../samples/file-bytes.ts"
import type { SampleReader } from "../../samples/index.ts"
import { type OwnSource, openReader } from "../own-readers.ts"

/** What a thread is told: plain data. */
export type RenderOrder = OwnSource & { readonly plan: PixelPlan }

/** What it answers. */
export type RenderAnswer = PixelPictures & {
  /** Wall time, milliseconds: reading and unpacking, and everything that became of the samples. */
  readonly timingsMs: { readonly decode: number; readonly pixels: number }
}

/** Reads a file and makes all pictures, at once. Fails: picture/*, source/gone, store/denied, store/failed. */
export const carryOut = (order: RenderOrder, open: typeof openReader = openReader): Result<RenderAnswer> =>
  withFileBytes(order.sourceFile, (bytes) => {
    const begunMs = systemClock.steadyMs()
    const opened = open(bytes, order)
    if (!opened.ok) return opened
    if (!fits(opened.value, order.plan)) return failed(CHANGED)
    const sound = isShown(order.plan) ? done(undefined) : readUnseen(opened.value)
    if (!sound.ok) return sound
    const watched = watching(opened.value)
    const made = renderPixels(watched.reader, order.plan)
    if (!made.ok) return made
    const wholeMs = systemClock.steadyMs() - begunMs
    const decodeMs = wholeMs - watched.elsewhereMs(systemClock.steadyMs())
    return done({ ...made.value, timingsMs: { decode: decodeMs, pixels: wholeMs - decodeMs } })
  })

/** The plan was made of a header that was read before this one. */
const fits = ({ width, height }: SampleReader, { data }: PixelPlan): boolean =>
  width === data.width && height === data.height

/** Whether any pixel lies in the display window. */
const isShown = ({ data, display }: PixelPlan): boolean =>
  data.x < display.width && data.x + data.width > 0 && data.y < display.height && data.y + data.height > 0

/** Black is right for a picture that lies outside its display window, but not for one that nobody could have read. */
const readUnseen = (reader: SampleReader): Result<void> =>
  reader.readRows({ first: 0, last: reader.height - 1 }, () => undefined)

const CHANGED = failure("source/changed", "The source changed while its picture was made: it has another size now.")

/** The same reader, and the time that was spent in visitors and after the reading. */
function watching(reader: SampleReader) {
  let visitsMs = 0
  let readMs = systemClock.steadyMs()
  const watched: SampleReader = {
    width: reader.width,
    height: reader.height,
    readRows(rows, visit) {
      const read = reader.readRows(rows, (row, samples) => {
        const begunMs = systemClock.steadyMs()
        visit(row, samples)
        visitsMs += systemClock.steadyMs() - begunMs
      })
      readMs = systemClock.steadyMs()
      return read
    },
  }
  return { reader: watched, elsewhereMs: (nowMs: number): number => visitsMs + nowMs - readMs }
}
