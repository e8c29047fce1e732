import { type ByProfile, THUMBNAIL } from "../../../element/profiles.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { systemClock } from "../../../system/clock.ts"
import { encodeHere } from "../../encode/encode-here.ts"
import type { OutputOrder } from "../../encode/order.ts"
import { type FramePixels, NEARLY_BLACK } from "../../model.ts"
import { nativeEncoders } from "../../native/encoders.ts"
import type { NativeLibrary } from "../../native/library.ts"
import { type CanvasRoom, keptRoom, renderNatively } from "../../native/pixels.ts"
import { isNativeReader } from "../../native/reader.ts"
import type { PixelPictures } from "../../pixels/pictures.ts"
import type { PixelPlan } from "../../pixels/plan.ts"
import { renderPixels } from "../../pixels/render.ts"
import { withFileBytes } from "../../samples/file-bytes.ts"
import type { SampleReader } from "../../samples/index.ts"
import { type OwnReader, type OwnSource, openReader } from "../own-readers.ts"

/** A file that is read here, and all that is made of it: plain data. */
export type DrawOrder = OwnSource & { readonly plan: PixelPlan }

/** What a render process is told: plain data. */
export type RenderOrder = DrawOrder & {
  /** All outputs of the plan, and how they are encoded. */
  readonly outputs: readonly OutputOrder[]
}

/** What it answers. */
export type RenderAnswer = Pick<PixelPictures, "nonFiniteCount" | "allBlack"> & {
  readonly nearlyBlack: boolean
  /** Each output: its file, or what is still to be encoded. */
  readonly pixels: ByProfile<FramePixels>
} & DrawingFacts

/** Wall time, milliseconds: reading and unpacking, and everything that became of the samples. */
type DrawTimings = { readonly decode: number; readonly pixels: number }

/** The canvases of all outputs. */
export type DrawnPictures = PixelPictures & DrawingFacts

type DrawingFacts = {
  readonly timingsMs: DrawTimings
  /** Versions of what read the file, by name; nothing where that is ours. */
  readonly toolVersions: Readonly<Record<string, string>>
}

/** What the native library's readers stand on; DPX is read by code of ours. */
const STAND_ON: Readonly<Record<OwnReader, string | null>> = {
  exr: "openexr",
  "luminance-chroma": "openexr",
  tiff: "libtiff",
  dpx: null,
}

/** Canvases of a frame, which are encoded before the next one is drawn. */
const canvasesOfFrames = keptRoom()

/** Reads a file, makes all pictures and encodes them where that can be done here. Fails like `carryOut`, and: tool/missing. */
export async function renderFrame(
  order: RenderOrder,
  open: typeof openReader = openReader,
  library: NativeLibrary | null = null,
): Promise<Result<RenderAnswer>> {
  const drawn = carryOut(order, open, library, canvasesOfFrames)
  if (!drawn.ok) return drawn
  const { canvases, nonFiniteCount, allBlack, timingsMs, toolVersions } = drawn.value
  const pixels = await encodeHere(order.outputs, canvases, library === null ? null : nativeEncoders(library))
  if (!pixels.ok) return pixels
  const nearlyBlack = isNearlyBlack(canvases[THUMBNAIL.name])
  return done({ pixels: pixels.value, nonFiniteCount, allBlack, nearlyBlack, timingsMs, toolVersions })
}

/** Of most pictures the first pixels tell. */
const isNearlyBlack = (rgb: Uint8Array | undefined): boolean => rgb?.every((code) => code <= NEARLY_BLACK) === true

/**
 * Reads a file and makes all pictures, at once; natively where there is a library. Fails: picture/*, source/gone,
 * store/denied, store/failed, tool/out-of-memory.
 */
export const carryOut = (
  order: DrawOrder,
  open: typeof openReader = openReader,
  library: NativeLibrary | null = null,
  room?: CanvasRoom,
): Result<DrawnPictures> =>
  withFileBytes(order.sourceFile, (bytes) => {
    const begunMs = systemClock.steadyMs()
    const opened = open(bytes, order, library)
    if (!opened.ok) return opened
    try {
      const made = draw(opened.value, order.plan, library, room)
      if (!made.ok) return made
      const { pixelsMs, ...pictures } = made.value
      const decodeMs = systemClock.steadyMs() - begunMs - pixelsMs
      const toolVersions = isNativeReader(opened.value) ? versionOf(STAND_ON[order.reader], library) : {}
      return done({ ...pictures, timingsMs: { decode: decodeMs, pixels: pixelsMs }, toolVersions })
    } finally {
      if (isNativeReader(opened.value)) opened.value.close()
    }
  })

function versionOf(name: string | null, library: NativeLibrary | null): Readonly<Record<string, string>> {
  const version = name === null ? undefined : library?.versions[name]
  return name === null || version === undefined ? {} : { [name]: version }
}

/** All pictures, and how long they took beside the reading. */
function draw(
  reader: SampleReader,
  plan: PixelPlan,
  library: NativeLibrary | null,
  room: CanvasRoom | undefined,
): Result<PixelPictures & { readonly pixelsMs: number }> {
  if (!fits(reader, plan)) return failed(CHANGED)
  const isNative = library !== null && !plan.keepsRgb16
  if (isNative && isNativeReader(reader)) return renderNatively(library, reader, plan, room)
  const sound = isShown(plan) ? done(undefined) : readUnseen(reader)
  if (!sound.ok) return sound
  const watched = watching(reader)
  const made = isNative ? renderNatively(library, watched.reader, plan, room) : renderPixels(watched.reader, plan)
  return made.ok ? done({ ...made.value, pixelsMs: watched.elsewhereMs(systemClock.steadyMs()) }) : made
}

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
