import type { PicturePlan } from "../engines/plan.ts"
import type { Rectangle } from "../index.ts"
import { multiply } from "../read/colour/matrix.ts"
import { boxHeight, boxWidth } from "../read/header/model.ts"
import type { Curve } from "./curve.ts"
import { type InputTransform, isMatrix, KNOWN_SPACES } from "./known-spaces.ts"
import type { Look } from "./look.ts"
import type { Size } from "./orientation.ts"
import type { Outputs, ReadyLook } from "./output-looks.ts"

/** Everything the pixel path does, decided before it starts: plain data that can be posted to a thread. */
export type PixelPlan = {
  /** Size of the display window, and where the data window stands in it. */
  readonly display: Size
  readonly data: Rectangle
  /** Exif 1..8. */
  readonly orientation: number
  /** Indices of the shown channels that differ: grey is counted once. */
  readonly countedChannels: readonly number[]
  /** From coded samples to light, before anything is resized; null for linear samples. */
  readonly decode: Curve | null
  /** From there to the working light, which the thumbnail is made of; empty where it is the same. */
  readonly toWorking: readonly number[]
  readonly proxy: { readonly canvas: Size; readonly rectangle: Rectangle; readonly look: Look }
  readonly thumbnail: {
    readonly edgePx: number
    readonly rectangle: Rectangle
    readonly look: Look
    readonly compressesHighlights: boolean
  }
  /** A look file may make black of any light: then that is no sign of a decoder's fault. */
  readonly lightMayBecomeBlack: boolean
  /** Gives the proxy's picture in 16 bits too: for comparisons with the oracle. */
  readonly keepsRgb16: boolean
}

export type PixelColours = {
  /** How samples become linear Rec.709: `inputOf`, or LINEAR_REC709 for a file that oiiotool made so. */
  readonly input: InputTransform | null
  /** What `looksOf` asked for, baked where it has to be. */
  readonly looks: Outputs<ReadyLook>
  readonly keepsRgb16?: boolean
}

/** Of a file that was converted before it comes here. */
export const LINEAR_REC709: InputTransform = { curve: null, matrix: [] }

/**
 * How the pixel path makes this source linear. Null where it cannot exactly (ADX, spaces of a facility's own config): then
 * oiiotool converts the file first.
 */
export function inputOf({ input }: PicturePlan, bundledConfigPath: string): InputTransform | null {
  if (isMatrix(input.matrix)) return { curve: null, matrix: input.matrix }
  return input.config.path === bundledConfigPath ? (KNOWN_SPACES.get(input.space) ?? null) : null
}

/** The plan of the pixel path; null where nobody said how the samples become linear. */
export function pixelPlan(plan: PicturePlan, { input, looks, keepsRgb16 = false }: PixelColours): PixelPlan | null {
  if (input === null) return null
  const { selection, settings } = plan
  const worksInSource = isDirect(plan, input)
  const lookOf = (ready: ReadyLook): Look => placed(ready, worksInSource ? input.matrix : [])
  return {
    ...windowsOf(plan),
    orientation: selection.orientation,
    countedChannels: [0, 1, 2].filter((index) => selection.channels.indexOf(selection.channels[index] ?? "") === index),
    decode: input.curve,
    toWorking: worksInSource ? [] : input.matrix,
    proxy: {
      canvas: { width: settings.proxyWidthPx, height: settings.proxyHeightPx },
      rectangle: plan.proxy,
      look: lookOf(looks.proxy),
    },
    thumbnail: {
      edgePx: settings.thumbnailEdgePx,
      rectangle: plan.thumbnail,
      look: lookOf(looks.thumbnail),
      compressesHighlights: plan.input.encoding !== "display",
    },
    lightMayBecomeBlack: plan.look !== null,
    keepsRgb16,
  }
}

/** Whether the recipe's thumbnail is made of the source's own light, and converted only after it. */
const isDirect = ({ input, views }: PicturePlan, { curve }: InputTransform): boolean =>
  curve === null && input.matrix.length === 0 && views.config.path === input.config.path

function placed(ready: ReadyLook, toRec709: readonly number[]): Look {
  if (ready.kind === "curve") return { kind: "curve", matrix: toRec709, curve: ready.curve }
  return { kind: "lut", matrix: product(ready.fromRec709, toRec709), lut: ready.lut }
}

function product(after: readonly number[], before: readonly number[]): readonly number[] {
  if (!isMatrix(after)) return before
  return isMatrix(before) ? multiply(after, before) : after
}

/** DPX and TIFF may carry offsets that mean a place on film or paper: their picture is what they hold. */
function windowsOf({ selection }: PicturePlan): Pick<PixelPlan, "display" | "data"> {
  const { dataWindow, displayWindow } = selection
  const shown = selection.format === "exr" ? displayWindow : dataWindow
  return {
    display: { width: boxWidth(shown), height: boxHeight(shown) },
    data: {
      x: dataWindow.xMin - shown.xMin,
      y: dataWindow.yMin - shown.yMin,
      width: boxWidth(dataWindow),
      height: boxHeight(dataWindow),
    },
  }
}
