/** A 3x3 matrix, row by row. */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number]
export type Vector = readonly [number, number, number]
/** CIE 1931 x and y of the primaries and the white. */
export type Chromaticities = { readonly red: Xy; readonly green: Xy; readonly blue: Xy; readonly white: Xy }
export type Xy = readonly [x: number, y: number]

export const REC709: Chromaticities = {
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
  white: [0.3127, 0.329],
}

const D65 = REC709.white
export const ACES_WHITE: Xy = [0.32168, 0.33767]

/** SMPTE ST 2065-1, S-2014-004, SMPTE EG 432 with D65, ITU-R BT.2020 and Adobe RGB (1998). */
export const AP0: Chromaticities = { red: [0.7347, 0.2653], green: [0, 1], blue: [0.0001, -0.077], white: ACES_WHITE }
export const AP1: Chromaticities = {
  red: [0.713, 0.293],
  green: [0.165, 0.83],
  blue: [0.128, 0.044],
  white: ACES_WHITE,
}
export const P3_D65: Chromaticities = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06], white: D65 }
export const REC2020: Chromaticities = { red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046], white: D65 }
export const ADOBE_RGB: Chromaticities = { red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06], white: D65 }

export const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]

export function multiply(a: Matrix, b: Matrix): Matrix {
  const [a0, a1, a2, a3, a4, a5, a6, a7, a8] = a
  const columns: readonly Vector[] = [
    [b[0], b[3], b[6]],
    [b[1], b[4], b[7]],
    [b[2], b[5], b[8]],
  ]
  const rows: readonly Vector[] = [
    [a0, a1, a2],
    [a3, a4, a5],
    [a6, a7, a8],
  ]
  return rows.flatMap((row) => columns.map((column) => dot(row, column))) as unknown as Matrix
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

export const apply = (m: Matrix, v: Vector): Vector => [
  m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
  m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
  m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
]

export const diagonal = ([a, b, c]: Vector): Matrix => [a, 0, 0, 0, b, 0, 0, 0, c]

/** Null where the matrix has no usable inverse. */
export function inverse([a, b, c, d, e, f, g, h, i]: Matrix): Matrix | null {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  if (!(Math.abs(determinant) > 1e-6)) return null
  const cofactors: Matrix = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ]
  return cofactors.map((cofactor) => cofactor / determinant) as unknown as Matrix
}

/** XYZ of a chromaticity at luminance 1. */
export const whiteXyz = ([x, y]: Xy): Vector => [x / y, 1, (1 - x - y) / y]

/**
 * RGB to XYZ of the given primaries, white at luminance 1 (SMPTE RP 177). Columns are (x, y, 1-x-y) unscaled, so that
 * a primary with y = 0 works. Null where the primaries lie on a line or the white outside their triangle.
 */
export function rgbToXyz({ red, green, blue, white }: Chromaticities): Matrix | null {
  const z = ([x, y]: Xy): number => 1 - x - y
  const primaries: Matrix = [red[0], green[0], blue[0], red[1], green[1], blue[1], z(red), z(green), z(blue)]
  const inverted = inverse(primaries)
  if (inverted === null || !(white[1] > 1e-6)) return null
  const scale = apply(inverted, whiteXyz(white))
  return scale.every((one) => one > 0 && Number.isFinite(one)) ? multiply(primaries, diagonal(scale)) : null
}

/** Cone responses of Lam and Rigg's linearised Bradford transform, as ICC.1 Annex E gives it. */
const BRADFORD: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296]

/** XYZ under one white to XYZ under another. Null where a white excites a cone not at all. */
export function bradford(from: Xy, to: Xy): Matrix | null {
  const back = inverse(BRADFORD)
  const [source, target] = [apply(BRADFORD, whiteXyz(from)), apply(BRADFORD, whiteXyz(to))]
  const gain: Vector = [target[0] / source[0], target[1] / source[1], target[2] / source[2]]
  if (back === null || !gain.every((one) => Number.isFinite(one) && one > 0)) return null
  return multiply(back, multiply(diagonal(gain), BRADFORD))
}
