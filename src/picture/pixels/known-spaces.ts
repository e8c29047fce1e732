import {
  apply,
  bradford,
  type Chromaticities,
  inverse,
  type Matrix,
  multiply,
  REC709,
  rgbToXyz,
  type Vector,
  type Xy,
} from "../colour/matrix.ts"
import { type Curve, type LogCurve, REC1886, SRGB } from "./curve.ts"

/** How the samples of a space become linear Rec.709: decoded by `curve`, null for linear ones, then by `matrix`. */
export type InputTransform = { readonly curve: Curve | null; readonly matrix: Matrix | readonly [] }

export const isMatrix = (numbers: readonly number[]): numbers is Matrix => numbers.length === 9

const ACES_WHITE: Xy = [0.32168, 0.33767]
const D65 = REC709.white
const AP0: Chromaticities = { red: [0.7347, 0.2653], green: [0, 1], blue: [0.0001, -0.077], white: ACES_WHITE }
const AP1: Chromaticities = { red: [0.713, 0.293], green: [0.165, 0.83], blue: [0.128, 0.044], white: ACES_WHITE }
const P3_D65: Chromaticities = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 }
const REC2020: Chromaticities = { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 }
const ALEXA_WIDE: Chromaticities = { red: [0.684, 0.313], green: [0.221, 0.848], blue: [0.0861, -0.102], white: D65 }
const SGAMUT3: Chromaticities = { red: [0.73, 0.28], green: [0.14, 0.855], blue: [0.1, -0.05], white: D65 }
const SGAMUT3_CINE: Chromaticities = { red: [0.766, 0.275], green: [0.225, 0.8], blue: [0.089, -0.087], white: D65 }
const VGAMUT: Chromaticities = { red: [0.73, 0.28], green: [0.165, 0.84], blue: [0.1, -0.03], white: D65 }
const RED_WIDE: Chromaticities = {
  red: [0.780308, 0.304253],
  green: [0.121595, 1.493994],
  blue: [0.095612, -0.084589],
  white: D65,
}

const log = (parts: Omit<LogCurve, "kind" | "base" | "linearSlope"> & Partial<LogCurve>): LogCurve => ({
  kind: "log",
  base: 10,
  linearSlope: null,
  ...parts,
})

/** ARRI, ALEXA Log C curve, usage in VFX (2017), exposure index 800, scaled so that 18 % grey is 0.18. */
const LOGC3 = log({
  logSlope: 0.2471896383,
  logOffset: 0.3855369987,
  linSlope: 1 / 0.18,
  linOffset: 0.052272275,
  linBreak: (1 / 9 - 0.052272275) * 0.18,
})
/** Sony, Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3 (2014). */
const SLOG3 = log({
  logSlope: 261.5 / 1023,
  logOffset: 420 / 1023,
  linSlope: 1 / 0.19,
  linOffset: 0.01 / 0.19,
  linBreak: 0.01125,
  linearSlope: (171.2102946929 - 95) / 0.01125 / 1023,
})
/** Panasonic, V-Log/V-Gamut Reference Manual (2014). */
const VLOG = log({ logSlope: 0.241514, logOffset: 0.598206, linSlope: 1, linOffset: 0.00873, linBreak: 0.01 })
/** RED, White Paper on REDWideGamutRGB and Log3G10 (2017). */
const LOG3G10 = log({
  logSlope: 0.224282,
  logOffset: 0,
  linSlope: 155.975327,
  linOffset: 2.55975327,
  linBreak: -0.01,
})
/** Academy S-2016-001, ACEScct. */
const ACESCCT = log({
  base: 2,
  logSlope: 1 / 17.52,
  logOffset: 9.72 / 17.52,
  linSlope: 1,
  linOffset: 0,
  linBreak: 0.0078125,
  linearSlope: 10.5402377416545,
})
/** Kodak, Conversion of 10-bit Log Film Data to 8-bit Linear (1995): white 685, black 95, 0.6 gamma. */
const CINEON = log({
  logSlope: 0.293255132,
  logOffset: 0.669599218,
  linSlope: 0.98920225,
  linOffset: 0.01079775,
  linBreak: null,
})

/** Cone responses of CIECAM02. */
const CAT02: Matrix = [0.7328, 0.4296, -0.1624, -0.7036, 1.6975, 0.0061, 0.003, 0.0136, 0.9834]

/** To linear Rec.709, the white of `from` becoming D65 by Bradford, as the bundled config has it. */
const toRec709 = (from: Chromaticities): Matrix =>
  chain(sure(inverse(sure(rgbToXyz(REC709)))), sure(bradford(from.white, D65)), sure(rgbToXyz(from)))

/** By way of the ACES white, there by CAT02 and back by Bradford: what OpenColorIO's built-in transforms do for these. */
const byWayOfAces = (from: Chromaticities): Matrix =>
  chain(sure(inverse(sure(rgbToXyz(REC709)))), sure(bradford(ACES_WHITE, D65)), cat02ToAces(), sure(rgbToXyz(from)))

const whiteXyz = ([x, y]: Xy): Vector => [x / y, 1, (1 - x - y) / y]

function cat02ToAces(): Matrix {
  const [from, to] = [apply(CAT02, whiteXyz(D65)), apply(CAT02, whiteXyz(ACES_WHITE))]
  const gain: Matrix = [to[0] / from[0], 0, 0, 0, to[1] / from[1], 0, 0, 0, to[2] / from[2]]
  return chain(sure(inverse(CAT02)), gain, CAT02)
}

function chain(...steps: readonly [Matrix, ...Matrix[]]): Matrix {
  const [first, ...rest] = steps
  return rest.reduce(multiply, first)
}

function sure(matrix: Matrix | null): Matrix {
  if (matrix === null) throw new Error("A table of primaries is wrong.")
  return matrix
}

/**
 * The spaces of the bundled config of which formulas are public, as linear Rec.709 is made from them. ADX is missing: its
 * densities need a table. A test holds each against OpenColorIO.
 */
export const KNOWN_SPACES: ReadonlyMap<string, InputTransform> = new Map<string, InputTransform>([
  ["lin_rec709", { curve: null, matrix: [] }],
  ["ACES2065-1", { curve: null, matrix: toRec709(AP0) }],
  ["ACEScg", { curve: null, matrix: toRec709(AP1) }],
  ["lin_p3d65", { curve: null, matrix: toRec709(P3_D65) }],
  ["lin_rec2020", { curve: null, matrix: toRec709(REC2020) }],
  ["LogC3", { curve: LOGC3, matrix: byWayOfAces(ALEXA_WIDE) }],
  ["SLog3_SGamut3", { curve: SLOG3, matrix: byWayOfAces(SGAMUT3) }],
  ["SLog3_SGamut3Cine", { curve: SLOG3, matrix: byWayOfAces(SGAMUT3_CINE) }],
  ["VLog", { curve: VLOG, matrix: toRec709(VGAMUT) }],
  ["Log3G10", { curve: LOG3G10, matrix: toRec709(RED_WIDE) }],
  ["ACEScct", { curve: ACESCCT, matrix: toRec709(AP1) }],
  ["KodakLog", { curve: CINEON, matrix: [] }],
  ["srgb_tx", { curve: SRGB, matrix: [] }],
  ["rec709_video", { curve: REC1886, matrix: [] }],
  ["data", { curve: null, matrix: [] }],
])

export const AP1_FROM_REC709: Matrix = sure(inverse(toRec709(AP1)))
