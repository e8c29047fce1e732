import {
  ACES_WHITE,
  ADOBE_RGB,
  AP0,
  AP1,
  apply,
  bradford,
  type Chromaticities,
  diagonal,
  inverse,
  type Matrix,
  multiply,
  P3_D65,
  REC709,
  REC2020,
  rgbToXyz,
  whiteXyz,
  type Xy,
} from "../read/colour/matrix.ts"
import { type Curve, type LogCurve, REC709_CAMERA, REC1886, SRGB } from "./curve.ts"

/** How the samples of a space become linear Rec.709: decoded by `curve`, null for linear ones, then by `matrix`. */
export type InputTransform = { readonly curve: Curve | null; readonly matrix: Matrix | readonly [] }

export const isMatrix = (numbers: readonly number[]): numbers is Matrix => numbers.length === 9

const D65 = REC709.white
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

const ALEXA_WIDE_4: Chromaticities = {
  red: [0.7347, 0.2653],
  green: [0.1424, 0.8576],
  blue: [0.0991, -0.0308],
  white: D65,
}
const BLACKMAGIC_WIDE_5: Chromaticities = {
  red: [0.7177215, 0.3171181],
  green: [0.228041, 0.861569],
  blue: [0.1005841, -0.0820452],
  white: [0.312717, 0.3290312],
}
const DAVINCI_WIDE: Chromaticities = { red: [0.8, 0.313], green: [0.1682, 0.9877], blue: [0.079, -0.1155], white: D65 }
const CINEMA_GAMUT: Chromaticities = { red: [0.74, 0.27], green: [0.17, 1.14], blue: [0.08, -0.1], white: D65 }
const D_GAMUT: Chromaticities = { red: [0.71, 0.31], green: [0.21, 0.88], blue: [0.09, -0.08], white: D65 }
/** Sony's own matrices for the Venice stand for these. */
const SGAMUT3_VENICE: Chromaticities = {
  red: [0.740464264304292, 0.27936437475066],
  green: [0.089241145423286, 0.893809528608105],
  blue: [0.110488236673827, -0.052579333080476],
  white: D65,
}
const SGAMUT3_CINE_VENICE: Chromaticities = {
  red: [0.775901871567345, 0.274502392854799],
  green: [0.188682902773355, 0.828684937020288],
  blue: [0.101337382499301, -0.089187517306263],
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
/** ARRI, LogC4 Logarithmic Color Space Specification (2022). */
const LOGC4 = log({
  base: 2,
  logSlope: 928 / 1023 / 14,
  logOffset: 95 / 1023 - (6 * 928) / 1023 / 14,
  linSlope: (2 ** 18 - 16) / 117.45,
  linOffset: 64,
  linBreak: (2 ** (6 - (14 * 95) / 928) - 64) / ((2 ** 18 - 16) / 117.45),
})
/** Blackmagic Design, DaVinci Resolve 17 Wide Gamut Intermediate (2021). */
const DAVINCI = log({
  base: 2,
  logSlope: 0.07329248,
  logOffset: 0.51304736,
  linSlope: 1,
  linOffset: 0.0075,
  linBreak: 0.00262409,
  linearSlope: 10.44426855,
})
/** Blackmagic Design, Generation 5 Color Science (2021). */
const BMD_FILM_5 = log({
  base: Math.E,
  logSlope: 0.08692876065491224,
  logOffset: 0.5300133392291939,
  linSlope: 1,
  linOffset: 0.005494072432257808,
  linBreak: 0.005,
})
/** DJI, White Paper on D-Log and D-Gamut (2017). */
const DLOG = log({
  logSlope: 0.256663,
  logOffset: 0.584555,
  linSlope: 0.9892,
  linOffset: 0.0108,
  linBreak: 0.00758078675,
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

const power = (gamma: number): Curve => ({ kind: "power", gamma })

/** Cone responses of CIECAM02. */
const CAT02: Matrix = [0.7328, 0.4296, -0.1624, -0.7036, 1.6975, 0.0061, 0.003, 0.0136, 0.9834]

/** To linear Rec.709, the white of `from` becoming D65 by Bradford, as the bundled config has it. */
const toRec709 = (from: Chromaticities): Matrix =>
  chain(nonNull(inverse(nonNull(rgbToXyz(REC709)))), nonNull(bradford(from.white, D65)), nonNull(rgbToXyz(from)))

/** By way of the ACES white, there by CAT02 and back by Bradford: what OpenColorIO's built-in transforms do for these. */
const byWayOfAces = (from: Chromaticities): Matrix =>
  chain(
    nonNull(inverse(nonNull(rgbToXyz(REC709)))),
    nonNull(bradford(ACES_WHITE, D65)),
    cat02ToAces(from.white),
    nonNull(rgbToXyz(from)),
  )

function cat02ToAces(white: Xy): Matrix {
  const [from, to] = [apply(CAT02, whiteXyz(white)), apply(CAT02, whiteXyz(ACES_WHITE))]
  const gain = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]])
  return chain(nonNull(inverse(CAT02)), gain, CAT02)
}

function chain(...steps: readonly [Matrix, ...Matrix[]]): Matrix {
  const [first, ...rest] = steps
  return rest.reduce(multiply, first)
}

function nonNull(matrix: Matrix | null): Matrix {
  if (matrix === null) throw new Error("A table of primaries is wrong.")
  return matrix
}

/**
 * The spaces of the bundled config of which formulas are public, as linear Rec.709 is made from them. Missing are ADX,
 * whose densities need a table, Canon Log, Apple Log, PQ and HLG, which oiiotool converts. A test holds each against OpenColorIO.
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
  ["lin_adobergb", { curve: null, matrix: toRec709(ADOBE_RGB) }],
  ["lin_awg3", { curve: null, matrix: byWayOfAces(ALEXA_WIDE) }],
  ["lin_awg4", { curve: null, matrix: byWayOfAces(ALEXA_WIDE_4) }],
  ["lin_bmdwg5", { curve: null, matrix: byWayOfAces(BLACKMAGIC_WIDE_5) }],
  ["lin_cgamut", { curve: null, matrix: byWayOfAces(CINEMA_GAMUT) }],
  ["lin_dgamut", { curve: null, matrix: byWayOfAces(D_GAMUT) }],
  ["lin_dwg", { curve: null, matrix: byWayOfAces(DAVINCI_WIDE) }],
  ["lin_rwg", { curve: null, matrix: toRec709(RED_WIDE) }],
  ["lin_sgamut3", { curve: null, matrix: byWayOfAces(SGAMUT3) }],
  ["lin_sgamut3cine", { curve: null, matrix: byWayOfAces(SGAMUT3_CINE) }],
  ["lin_sgamut3venice", { curve: null, matrix: byWayOfAces(SGAMUT3_VENICE) }],
  ["lin_sgamut3cinevenice", { curve: null, matrix: byWayOfAces(SGAMUT3_CINE_VENICE) }],
  ["lin_vgamut", { curve: null, matrix: toRec709(VGAMUT) }],
  ["LogC4", { curve: LOGC4, matrix: byWayOfAces(ALEXA_WIDE_4) }],
  ["DaVinciIntermediate", { curve: DAVINCI, matrix: byWayOfAces(DAVINCI_WIDE) }],
  ["BMDFilmGen5", { curve: BMD_FILM_5, matrix: byWayOfAces(BLACKMAGIC_WIDE_5) }],
  ["DLog", { curve: DLOG, matrix: byWayOfAces(D_GAMUT) }],
  ["SLog3_SGamut3Venice", { curve: SLOG3, matrix: byWayOfAces(SGAMUT3_VENICE) }],
  ["SLog3_SGamut3CineVenice", { curve: SLOG3, matrix: byWayOfAces(SGAMUT3_CINE_VENICE) }],
  ["g22_rec709", { curve: power(2.2), matrix: [] }],
  ["g18_rec709", { curve: power(1.8), matrix: [] }],
  ["itu709_rec709", { curve: REC709_CAMERA, matrix: [] }],
  ["srgb_p3d65", { curve: SRGB, matrix: toRec709(P3_D65) }],
  ["g22_adobergb", { curve: power(2.19921875), matrix: toRec709(ADOBE_RGB) }],
  ["srgb_ap1", { curve: SRGB, matrix: toRec709(AP1) }],
  ["g22_ap1", { curve: power(2.2), matrix: toRec709(AP1) }],
  ["g26_p3d65", { curve: power(2.6), matrix: toRec709(P3_D65) }],
  ["KodakLog", { curve: CINEON, matrix: [] }],
  ["srgb_tx", { curve: SRGB, matrix: [] }],
  ["rec709_video", { curve: REC1886, matrix: [] }],
  ["data", { curve: null, matrix: [] }],
])

export const AP1_FROM_REC709: Matrix = nonNull(inverse(toRec709(AP1)))
