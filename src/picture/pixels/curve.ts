/**
 * A transfer function between light and a code value, as OpenColorIO's ops of the same parameters compute it.
 * log: code = logSlope * log_base(linSlope * light + linOffset) + logOffset; below `linBreak`, where there is one, a
 * straight line (`linearSlope`, continuous at the break). power: code = light ^ (1 / gamma), negatives are black.
 * offset-power: the same with an offset and a straight line near black (sRGB, Rec.709).
 */
export type Curve =
  | { readonly kind: "power"; readonly gamma: number }
  | { readonly kind: "offset-power"; readonly gamma: number; readonly offset: number }
  | LogCurve

export type LogCurve = {
  readonly kind: "log"
  readonly base: number
  readonly logSlope: number
  readonly logOffset: number
  readonly linSlope: number
  readonly linOffset: number
  /** Null for a pure logarithm. */
  readonly linBreak: number | null
  /** Null for the slope that the logarithm has at the break. */
  readonly linearSlope: number | null
}

export type OfNumber = (value: number) => number

/** IEC 61966-2-1. */
export const SRGB: Curve = { kind: "offset-power", gamma: 2.4, offset: 0.055 }
/** The camera curve of BT.709, with the parameters of the bundled config's Rec709-camera. */
export const REC709_CAMERA: Curve = { kind: "offset-power", gamma: 2.22222222222222, offset: 0.099 }
/** BT.1886 with black at 0. */
export const REC1886: Curve = { kind: "power", gamma: 2.4 }

/** From light to code value. */
export function encoder(curve: Curve): OfNumber {
  switch (curve.kind) {
    case "power":
      return (light) => (light > 0 ? light ** (1 / curve.gamma) : 0)
    case "offset-power": {
      const { gamma, offset } = curve
      const { lightBreak, slope } = kneeOf(gamma, offset)
      return (light) => (light > lightBreak ? (1 + offset) * light ** (1 / gamma) - offset : light / slope)
    }
    case "log": {
      const line = lineOf(curve)
      const log = logOf(curve)
      return (light) => (light > line.lightBreak ? log(light) : line.slope * light + line.offset)
    }
  }
}

/** From code value to light: the encoder's inverse. NaN stays NaN. */
export function decoder(curve: Curve): OfNumber {
  switch (curve.kind) {
    case "power":
      return (code) => (code <= 0 ? 0 : code ** curve.gamma)
    case "offset-power": {
      const { gamma, offset } = curve
      const { codeBreak, slope } = kneeOf(gamma, offset)
      return (code) => (code > codeBreak ? ((code + offset) / (1 + offset)) ** gamma : code * slope)
    }
    case "log": {
      const { base, logSlope, logOffset, linSlope, linOffset } = curve
      const line = lineOf(curve)
      return (code) =>
        code > line.codeBreak
          ? (base ** ((code - logOffset) / logSlope) - linOffset) / linSlope
          : (code - line.offset) / line.slope
    }
  }
}

/**
 * The same in numbers, in the order of native/decode.h's transfer_curve: is it logarithmic, where the straight line ends, its
 * offset and slope; then the curve proper, ((code + offset) * scale) ^ exponent or
 * (exp((code - offset) * scale) - lin_offset) / lin_slope.
 */
export function decoderNumbers(curve: Curve): readonly number[] {
  switch (curve.kind) {
    case "power":
      return [0, 0, 0, 0, 0, 1, curve.gamma, 0, 1]
    case "offset-power": {
      const { gamma, offset } = curve
      const { codeBreak, slope } = kneeOf(gamma, offset)
      return [0, codeBreak, 0, slope, offset, 1 / (1 + offset), gamma, 0, 1]
    }
    case "log": {
      const { base, logSlope, logOffset, linSlope, linOffset } = curve
      const { codeBreak, offset, slope } = lineOf(curve)
      return [1, codeBreak, offset, 1 / slope, logOffset, Math.log(base) / logSlope, 0, linOffset, linSlope]
    }
  }
}

/** Where the straight line of an offset-power curve ends, and its slope from code to light. */
function kneeOf(gamma: number, offset: number): { codeBreak: number; lightBreak: number; slope: number } {
  const codeBreak = offset / (gamma - 1)
  const slope = ((gamma - 1) / offset) * ((offset * gamma) / ((gamma - 1) * (1 + offset))) ** gamma
  return { codeBreak, lightBreak: codeBreak * slope, slope }
}

const logOf =
  ({ base, logSlope, logOffset, linSlope, linOffset }: LogCurve): OfNumber =>
  (light) =>
    (logSlope * Math.log(linSlope * light + linOffset)) / Math.log(base) + logOffset

/** The straight line below the break; a pure logarithm has none (its break is where nothing lies below). */
function lineOf(curve: LogCurve): { lightBreak: number; codeBreak: number; slope: number; offset: number } {
  const { base, logSlope, linSlope, linOffset, linBreak, linearSlope } = curve
  if (linBreak === null) return { lightBreak: -linOffset / linSlope, codeBreak: -Infinity, slope: 1, offset: 0 }
  const tangent = (logSlope * linSlope) / ((linSlope * linBreak + linOffset) * Math.log(base))
  const slope = linearSlope ?? tangent
  const codeBreak = logOf(curve)(linBreak)
  return { lightBreak: linBreak, codeBreak, slope, offset: codeBreak - slope * linBreak }
}
