import { done, type Result } from "../../events/result.ts"
import type { Curve } from "../pixels/curve.ts"
import { rowDecoder } from "../pixels/render.ts"
import { boxHeight, boxWidth } from "../read/header/model.ts"
import { openDeepReader } from "../samples/exr/deep-reader.ts"
import { withFileBytes } from "../samples/file-bytes.ts"
import type { SampleReader } from "../samples/index.ts"
import type { Stats } from "./oiiotool/answers.ts"
import { type OwnReader, type OwnSource, openReader } from "./own-readers.ts"

/** A file whose light is measured by a reader of ours: plain data. */
export type LightOrder = Omit<OwnSource, "reader"> & {
  readonly reader: OwnReader | "deep"
  /** From coded samples to light; null for linear samples. */
  readonly decode: Curve | null
}

/** Light of the shown channels inside the display window, at once. Fails like the reader. */
export const measureLight = (order: LightOrder): Result<Stats> =>
  withFileBytes(order.sourceFile, (bytes) => {
    const { header, selection, reader } = order
    const opened =
      reader === "deep" ? openDeepReader(bytes, header, selection) : openReader(bytes, { ...order, reader })
    return opened.ok ? lightOf(opened.value, order) : opened
  })

function lightOf(reader: SampleReader, { selection, decode }: LightOrder): Result<Stats> {
  const { dataWindow: data, displayWindow, format } = selection
  const display = format === "exr" ? displayWindow : data
  const rows = { first: Math.max(0, display.yMin - data.yMin), last: Math.min(data.yMax, display.yMax) - data.yMin }
  const [left, right] = [Math.max(0, display.xMin - data.xMin), Math.min(data.xMax, display.xMax) - data.xMin + 1]
  const toLight = decode === null ? null : rowDecoder(decode, reader.width)
  const [max, sum] = [
    [0, 0, 0],
    [0, 0, 0],
  ]
  const read = reader.readRows(rows, (_, stored) => {
    const light = toLight === null ? stored : toLight(stored)
    light.forEach((plane, channel) => {
      for (let x = left; x < right; x++) {
        const value = plane[x] as number
        if (!(value > 0) || value === Number.POSITIVE_INFINITY) continue
        if (value > (max[channel] as number)) max[channel] = value
        sum[channel] = (sum[channel] as number) + value
      }
    })
  })
  const pixels = boxWidth(display) * boxHeight(display)
  return read.ok ? done({ max, average: sum.map((one) => one / pixels), nonFinite: [] }) : read
}
