import { hasLight } from "../engines/oiiotool/stats.ts"
import { matrixRow, rowShower } from "./look.ts"
import type { PixelPlan } from "./plan.ts"
import type { PlanarRow } from "./resizer.ts"
import { createThumbnailer } from "./thumbnail.ts"
import { createYuvWriter } from "./yuv420.ts"

export type PixelPictures = {
  /** The proxy's whole canvas as yuv420p: Y, Cb, Cr; BT.709, limited range, chroma on the left. */
  readonly proxyYuv: Uint8Array<ArrayBuffer>
  /** The thumbnail's whole canvas, red, green and blue, sRGB. */
  readonly thumbnailRgb: Uint8Array<ArrayBuffer>
  /** The proxy's picture without bars, red, green and blue, 16 bits; null unless it was asked for. */
  readonly proxyRgb16: Uint16Array<ArrayBuffer> | null
  /** NaN and infinite samples of the shown channels inside the display window. */
  readonly nonFiniteCount: number
  /** No pixel of the proxy is brighter than what 8 bits show as black. */
  readonly allBlack: boolean
}

/** The same bound as for the recipe's 16-bit intermediate. */
const BLACK_MAX = 128.5 / 65_535

export type PictureMaker = {
  /** Takes the upright picture at the proxy's size, before it is working light; rows from the top down. */
  readonly put: (row: PlanarRow, index: number) => void
  /** Null where the pictures are black although there was light. */
  readonly finish: () => Omit<PixelPictures, "nonFiniteCount"> | null
}

/** Makes both outputs from the rows of the one picture. */
export function createPictures(plan: PixelPlan): PictureMaker {
  const { proxy, thumbnail, toWorking, keepsRgb16, lightMayBecomeBlack } = plan
  const { rectangle, canvas } = proxy
  const yuv = createYuvWriter(canvas, rectangle)
  const thumbnailer = createThumbnailer({ ...thumbnail, from: rectangle })
  const show = rowShower(proxy.look, rectangle.width)
  const rgb16 = keepsRgb16 ? new Uint16Array(rectangle.width * rectangle.height * 3) : null
  const blackness = createBlackness(rectangle.width * rectangle.height)
  const working = toWorking.length > 0 ? new Float32Array(rectangle.width * 3) : null
  return {
    put(stored, index) {
      if (working !== null) matrixRow(toWorking, stored, working)
      const row = working ?? stored
      thumbnailer.put(row, index)
      const shown = show(row)
      blackness.look(row, shown)
      yuv.put(shown, index)
      if (rgb16 !== null) keep(shown, rgb16.subarray(index * row.length))
    },
    finish() {
      if (blackness.isAll() && blackness.hidesLight() && !lightMayBecomeBlack) return null
      return {
        proxyYuv: yuv.planes(),
        thumbnailRgb: thumbnailer.rgb(),
        proxyRgb16: rgb16,
        allBlack: blackness.isAll(),
      }
    },
  }
}

/** Looks for the first pixel that is not black, and meanwhile at the light that became black. */
function createBlackness(pixels: number) {
  let isAll = true
  const max = [0, 0, 0]
  const sum = [0, 0, 0]
  return {
    look(light: PlanarRow, shown: PlanarRow): void {
      if (!isAll) return
      isAll = shown.every((value) => value < BLACK_MAX)
      light.forEach((value, at) => {
        const channel = Math.floor((3 * at) / light.length)
        max[channel] = Math.max(max[channel] ?? 0, value)
        sum[channel] = (sum[channel] ?? 0) + value
      })
    },
    isAll: () => isAll,
    hidesLight: () => hasLight({ max, average: sum.map((one) => one / pixels), nonFinite: [] }),
  }
}

/** Rounds halves up, as oiiotool does. */
function keep(shown: PlanarRow, rgb16: Uint16Array): void {
  const width = shown.length / 3
  for (let x = 0; x < width; x++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb16[3 * x + channel] = (shown[channel * width + x] as number) * 65_535 + 0.5
    }
  }
}
