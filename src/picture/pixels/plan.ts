// What the pixel path is told to make: each output with its canvas and its look.

import { type ByProfile, byProfile } from "../../element/profiles.ts"
import type { DisplayView, Views } from "../engines/ocio-config.ts"
import { displayCodes, type OutputPlan, type PicturePlan, plannedOutputs } from "../engines/plan.ts"
import type { AppliedLook, SpaceInConfig } from "../looks/apply.ts"
import type { Rectangle } from "../model.ts"
import { multiply } from "../read/colour/matrix.ts"
import { boxHeight, boxWidth } from "../read/header/model.ts"
import { type Curve, REC709_CAMERA, REC1886, SRGB } from "./curve.ts"
import { AP1_FROM_REC709, type InputTransform, isMatrix, KNOWN_SPACES } from "./known-spaces.ts"
import type { Look, Lut } from "./look.ts"
import type { Size } from "./orientation.ts"

/** One output, as the pixel path makes it. */
export type PixelOutput = Pick<OutputPlan, "name" | "canvas" | "rectangle"> & {
  /** What its encoder takes: whole canvases of red, green and blue in 8 bits, or of BT.709 planes. */
  readonly pixels: "rgb8" | "yuv420p"
  readonly look: Look
}

/** What the encoder of an output takes. */
export const pixelsFor = ({ encoder }: Pick<OutputPlan, "encoder">): PixelOutput["pixels"] =>
  encoder.format === "jpeg" ? "rgb8" : "yuv420p"

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
  /** From there to the working light, which smaller outputs are made of; empty where it is the same. */
  readonly toWorking: readonly number[]
  /** Resized from the decoded picture. */
  readonly main: PixelOutput
  /** Made of the main output's working light. */
  readonly smaller: readonly PixelOutput[]
  /** Resized from the decoded picture, too. */
  readonly others: readonly PixelOutput[]
  /** Whether bright pixels are taken down before the main picture is shrunk; not where white is paper. */
  readonly compressesHighlights: boolean
  /** Whether a look file is applied. It may turn any light black: then a black output points to no broken decoder. */
  readonly lightMayBecomeBlack: boolean
  /** Gives the main picture in 16 bits too: for comparisons with the oracle. */
  readonly keepsRgb16: boolean
}

export type PixelColours = {
  /** How samples become linear Rec.709: `inputOf`, or LINEAR_REC709 for a file that oiiotool made so. */
  readonly input: InputTransform | null
  /** What `looksOf` asked for, baked where it has to be. */
  readonly looks: ByProfile<ReadyLook>
  readonly keepsRgb16?: boolean
}

/** Input of a file that oiiotool has converted to linear Rec.709 already. */
export const LINEAR_REC709: InputTransform = { curve: null, matrix: [] }

/**
 * How the pixel path makes this source linear. Null where it cannot exactly (ADX, spaces of a facility's own config): then
 * oiiotool converts the file first.
 */
export function inputOf({ input }: PicturePlan, bundledConfigPath: string): InputTransform | null {
  if (isMatrix(input.matrix)) return { curve: null, matrix: input.matrix }
  return input.config.path === bundledConfigPath ? (KNOWN_SPACES.get(input.space) ?? null) : null
}

/** The plan of the pixel path; null where it is not known how the samples become linear. */
export function pixelPlan(plan: PicturePlan, { input, looks, keepsRgb16 = false }: PixelColours): PixelPlan | null {
  if (input === null) return null
  const { selection } = plan
  const worksInSource = isDirect(plan, input)
  const output = ({ name, canvas, rectangle, encoder }: OutputPlan): PixelOutput => ({
    name,
    canvas,
    rectangle,
    pixels: pixelsFor({ encoder }),
    look: placed(lookOf(looks, name), worksInSource ? input.matrix : []),
  })
  return {
    ...windowsOf(plan),
    orientation: selection.orientation,
    countedChannels: [0, 1, 2].filter((index) => selection.channels.indexOf(selection.channels[index] ?? "") === index),
    decode: input.curve,
    toWorking: worksInSource ? [] : input.matrix,
    main: output(plan.main),
    smaller: plan.smaller.map(output),
    others: plan.others.map(output),
    compressesHighlights: plan.input.encoding !== "display",
    lightMayBecomeBlack: plan.look !== null,
    keepsRgb16,
  }
}

function lookOf(looks: ByProfile<ReadyLook>, name: string): ReadyLook {
  const look = looks[name]
  if (look === undefined) throw new Error(`No look was made ready for ${name}.`)
  return look
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

/** A look that must be baked by running oiiotool with the config that has it. */
export type BakeRequest = {
  readonly kind: "bake"
  readonly configPath: string
  /** Space of the lattice, as that config names it. */
  readonly from: string
  /** From linear Rec.709 to that space, row by row; empty where it is the same. */
  readonly fromRec709: readonly number[]
  /** A view, or the space that a display-referred source came from. */
  readonly to: DisplayView | { readonly space: string }
  /** Look file on the way there; absent for none. */
  readonly look?: BakedLook
}

export type BakedLook = Pick<AppliedLook, "steps"> & {
  /** Linear Rec.709, as the config of the request names it. */
  readonly linearSpace: string
  /** Codes that it ends with in place of `to`; null to end with that. */
  readonly codes: SpaceInConfig | null
}

export type OutputLook = ReadyCurve | BakeRequest

type ReadyCurve = { readonly kind: "curve"; readonly curve: Curve }

/** A look from linear Rec.709, ready to be used. */
export type ReadyLook = ReadyCurve | { readonly kind: "lut"; readonly fromRec709: readonly number[]; readonly lut: Lut }

/** Curves of the bundled config's displays. */
const CURVES: Readonly<Record<string, Curve>> = { sRGB: SRGB, Rec1886: REC1886, "Rec709-camera": REC709_CAMERA }
/** ACEScg, as configs name it: its positive colours hold nearly all that cameras see, so a lattice of it cuts off little. */
const WIDE = ["ACEScg", "ACES - ACEScg", "lin_ap1"]
const AS_IT_IS: Curve = { kind: "power", gamma: 1 }

/**
 * How the outputs are to look. Plain conversions of the bundled config are curves; display-referred sources are
 * encoded again with the curve that linearised them (`input`; null where oiiotool did that), or as sRGB; all else is baked.
 */
export function looksOf(
  plan: PicturePlan,
  input: InputTransform | null,
  bundledConfigPath: string,
): ByProfile<OutputLook> {
  const { views } = plan
  if (plan.look !== null) return throughLook(plan, plan.look)
  if (plan.input.encoding === "display") {
    const again = encodedAgain(plan, input)
    return eachOutput(plan, () => again)
  }
  const request = (to: DisplayView): OutputLook => {
    const curve =
      views.config.path === bundledConfigPath && to.view === "Un-tone-mapped" ? CURVES[to.display] : undefined
    return curve === undefined ? fromWide(views, to) : { kind: "curve", curve }
  }
  return eachOutput(plan, request)
}

const eachOutput = (plan: PicturePlan, look: (to: DisplayView) => OutputLook): ByProfile<OutputLook> =>
  byProfile(plannedOutputs(plan).map(({ name, view }) => [name, look(view)]))

function fromWide({ config, linearSpace }: Views, to: DisplayView): BakeRequest {
  const wide = WIDE.find((name) => config.spaces.has(name))
  return {
    kind: "bake",
    configPath: config.path,
    from: wide ?? linearSpace,
    fromRec709: wide === undefined ? [] : AP1_FROM_REC709,
    to,
  }
}

/** A look is a table, whatever comes after it. Only where that is a view do the outputs differ. */
function throughLook(plan: PicturePlan, { steps }: AppliedLook): ByProfile<OutputLook> {
  const { views } = plan
  const look: BakedLook = { steps, linearSpace: views.linearSpace, codes: displayCodes(plan) }
  const request = (to: DisplayView): OutputLook => ({
    ...fromWide(views, to),
    ...(look.codes !== null && { to: { space: look.codes.space } }),
    look,
  })
  return eachOutput(plan, request)
}

function encodedAgain(
  { input: { config, linearSpace, space, shownSpace } }: PicturePlan,
  input: InputTransform | null,
): OutputLook {
  const known = shownSpace === space ? input : KNOWN_SPACES.get(shownSpace)
  if (known) return { kind: "curve", curve: known.curve ?? AS_IT_IS }
  return { kind: "bake", configPath: config.path, from: linearSpace, fromRec709: [], to: { space: shownSpace } }
}
