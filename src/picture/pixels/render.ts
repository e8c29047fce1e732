import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { SampleReader, SampleRow } from "../samples/index.ts"
import { rowDecoder } from "./decode.ts"
import { countNonFinite } from "./non-finite.ts"
import { createTurner, isSideways, type Size } from "./orientation.ts"
import { createPictures, type PixelPictures } from "./pictures.ts"
import type { PixelPlan } from "./plan.ts"
import { createResizer } from "./resizer.ts"
import { type Axis, type Taps, triangleTaps } from "./taps.ts"

/**
 * Makes both outputs of a picture in one pass over its rows. No full-size picture is held, and the smaller one only where
 * it must be turned. Fails: picture/silently-black, and with what the reader fails with.
 */
export function renderPixels(reader: SampleReader, plan: PixelPlan): Result<PixelPictures> {
  const pictures = createPictures(plan)
  const size = storedSize(plan)
  const turner = plan.orientation === 1 ? null : createTurner(plan.orientation, size)
  const axes = axesOf(plan, size)
  const columns = triangleTaps(axes.columns)
  const rows = triangleTaps(axes.rows)
  const resizer = createResizer({ columns, rows, emit: turner?.put ?? pictures.put })
  const hasPixels = columns.first <= columns.last && rows.first <= rows.last
  const read = hasPixels ? readInto(reader, plan, { columns, rows, push: resizer.push }) : done(0)
  if (!read.ok) return read
  resizer.end()
  turner?.give(pictures.put)
  const made = pictures.finish()
  return made === null ? failed(SILENTLY_BLACK) : done({ ...made, nonFiniteCount: read.value })
}

const SILENTLY_BLACK = failure(
  "picture/silently-black",
  "The picture came out black although its shown channels hold light; nothing was published.",
)

type Sink = {
  readonly columns: Taps
  readonly rows: Taps
  readonly push: (row: SampleRow, index: number) => boolean
}

/** The number of non-finite samples inside the display window, as the file has them. */
function readInto(reader: SampleReader, plan: PixelPlan, { columns, rows, push }: Sink): Result<number> {
  const decode = plan.decode === null ? (row: SampleRow) => row : rowDecoder(plan.decode, reader.width)
  let count = 0
  const read = reader.readRows({ first: rows.first, last: rows.last }, (index, row) => {
    if (!push(decode(row), index)) return
    for (const channel of plan.countedChannels) {
      count += countNonFinite(row[channel] as Float32Array, columns.first, columns.last)
    }
  })
  return read.ok ? done(count) : read
}

/** Size that the picture as it is stored is resized to: turned afterwards, it fills the proxy's rectangle. */
function storedSize({ orientation, proxy: { rectangle } }: PixelPlan): Size {
  const { width, height } = rectangle
  return isSideways(orientation) ? { width: height, height: width } : { width, height }
}

function axesOf({ display, data }: PixelPlan, size: Size): { columns: Axis; rows: Axis } {
  return {
    columns: { displaySize: display.width, dataStart: data.x, dataSize: data.width, outputSize: size.width },
    rows: { displaySize: display.height, dataStart: data.y, dataSize: data.height, outputSize: size.height },
  }
}
