import { type ByProfile, byProfile } from "../../element/profiles.ts"
import { hasLight } from "../engines/oiiotool/answers.ts"
import { canvasWriter } from "./canvas.ts"
import { matrixRow, rowShower } from "./look.ts"
import type { PixelOutput, PixelPlan } from "./plan.ts"
import type { PlanarRow } from "./resizer.ts"
import { createSecondResize } from "./second-resize.ts"

export type PixelPictures = {
  /** The whole canvas of each output, by its name, in the pixels that its plan asks for. */
  readonly canvases: ByProfile<Uint8Array<ArrayBuffer>>
  /** The main output's picture without bars, red, green and blue, 16 bits; null unless it was asked for. */
  readonly mainRgb16: Uint16Array<ArrayBuffer> | null
  /** NaN and infinite samples of the shown channels inside the display window. */
  readonly nonFiniteCount: number
  /** No pixel of the main output is brighter than what 8 bits show as black. */
  readonly allBlack: boolean
}

/** Brightest light that 8 bits show as black; oiiotool's 16-bit intermediate has the same bound. */
const BLACK_MAX = 128.5 / 65_535

/** Takes an upright picture at an output's size, before it is working light; rows from the top down. */
export type PutRow = (row: PlanarRow, index: number) => void

/** An output that is resized from the decoded picture, and all that is made of its rows. */
export type PictureMaker = {
  readonly output: PixelOutput
  readonly put: PutRow
  /** By name. */
  readonly canvases: () => readonly (readonly [name: string, canvas: Uint8Array<ArrayBuffer>])[]
}

/** What is told of each row: its working light, and the code values that it is shown as. */
type Watcher = (light: PlanarRow, shown: PlanarRow, index: number) => void

type MakerParts = {
  readonly toWorking: readonly number[]
  /** Outputs that are made of this one's working light. */
  readonly smaller: readonly PixelOutput[]
  readonly compressesHighlights: boolean
  readonly watchers: readonly Watcher[]
}

function createPicture(output: PixelOutput, parts: MakerParts): PictureMaker {
  const { toWorking, smaller, compressesHighlights, watchers } = parts
  const { rectangle } = output
  const writer = canvasWriter(output)
  const seconds = smaller.map((one) => createSecondResize(one, { from: rectangle, compressesHighlights }))
  const show = rowShower(output.look, rectangle.width)
  const working = toWorking.length > 0 ? new Float32Array(rectangle.width * 3) : null
  return {
    output,
    put(stored, index) {
      if (working !== null) matrixRow(toWorking, stored, working)
      const row = working ?? stored
      for (const second of seconds) second.put(row, index)
      const shown = show(row)
      for (const watch of watchers) watch(row, shown, index)
      writer.put(shown, index)
    },
    canvases: () => [[output.name, writer.canvas()], ...seconds.map(({ name, canvas }) => [name, canvas()] as const)],
  }
}

export type PictureMakers = {
  /** The main output comes first. */
  readonly makers: readonly PictureMaker[]
  /** Null where the pictures are black although there was light. */
  readonly finish: () => Omit<PixelPictures, "nonFiniteCount"> | null
}

/** Makes every output of the plan from the rows of one decoded picture. */
export function createPictures(plan: PixelPlan): PictureMakers {
  const { main, keepsRgb16 } = plan
  const { width, height } = main.rectangle
  const rgb16 = keepsRgb16 ? new Uint16Array(width * height * 3) : null
  const blackness = createBlackness(width * height)
  const watchers: Watcher[] = [blackness.look]
  if (rgb16 !== null) watchers.push((row, shown, index) => keep(shown, rgb16.subarray(index * row.length)))
  const makers = [
    createPicture(main, { ...plan, watchers }),
    ...plan.others.map((output) => createPicture(output, { ...plan, smaller: [], watchers: [] })),
  ]
  return {
    makers,
    finish() {
      if (isSuspicious(plan, blackness.light())) return null
      const canvases = byProfile(makers.flatMap((maker) => maker.canvases()))
      return { canvases, mainRgb16: rgb16, allBlack: blackness.isAll() }
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
    light: (): BlackLight => ({ isAll, max, average: sum.map((one) => one / pixels) }),
  }
}

/** Whether all of the main picture is black, and by channel the light that became so, as far as it was. */
export type BlackLight = {
  readonly isAll: boolean
  readonly max: readonly number[]
  readonly average: readonly number[]
}

/** Whether the picture came out black although there was light, which no look explains. */
export const isSuspicious = (
  { lightMayBecomeBlack }: Pick<PixelPlan, "lightMayBecomeBlack">,
  { isAll, max, average }: BlackLight,
): boolean => isAll && !lightMayBecomeBlack && hasLight({ max, average, nonFinite: [] })

/** Rounds halves up, as oiiotool does. */
function keep(shown: PlanarRow, rgb16: Uint16Array): void {
  const width = shown.length / 3
  for (let x = 0; x < width; x++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb16[3 * x + channel] = (shown[channel * width + x] as number) * 65_535 + 0.5
    }
  }
}
