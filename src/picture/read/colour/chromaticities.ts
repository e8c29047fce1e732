import {
  ADOBE_RGB,
  AP0,
  AP1,
  bradford,
  type Chromaticities,
  inverse,
  type Matrix,
  multiply,
  P3_D65,
  REC709,
  REC2020,
  rgbToXyz,
  type Xy,
} from "./matrix.ts"

/** Farthest that a coordinate may lie from a named space's to be that space. */
const TOLERANCE = 1e-3
const D65 = REC709.white
const EQUAL_ENERGY: Xy = [1 / 3, 1 / 3]

/** Primaries of the linear spaces of the config. */
const NAMED: Readonly<Record<string, Chromaticities>> = {
  lin_rec709: REC709,
  "ACES2065-1": AP0,
  ACEScg: AP1,
  lin_p3d65: P3_D65,
  lin_adobergb: ADOBE_RGB,
  lin_rec2020: REC2020,
}

const XYZ: Chromaticities = { red: [1, 0], green: [0, 1], blue: [0, 0], white: EQUAL_ENERGY }

/** What chromaticities mean: a space of the config, a matrix to linear Rec.709, or nothing (why). */
export type Meaning =
  | { readonly is: "space"; readonly configSpace: string }
  | { readonly is: "matrix"; readonly name: "lin_xyz_e" | "lin_custom_chromaticities"; readonly matrix: Matrix }
  | { readonly is: "invalid"; readonly why: string }

/** The eight numbers of an EXR chromaticities attribute, in its order; null for any other count. */
export function chromaticitiesOf(numbers: readonly number[]): Chromaticities | null {
  const [rx, ry, gx, gy, bx, by, wx, wy, ...rest] = numbers
  if (wx === undefined || wy === undefined || rest.length > 0) return null
  return {
    red: [rx ?? Number.NaN, ry ?? Number.NaN],
    green: [gx ?? Number.NaN, gy ?? Number.NaN],
    blue: [bx ?? Number.NaN, by ?? Number.NaN],
    white: [wx, wy],
  }
}

export function meaningOf(found: Chromaticities): Meaning {
  const named = Object.entries(NAMED).find(([, known]) => near(known, found))
  if (named !== undefined) return { is: "space", configSpace: named[0] }
  const matrix = toRec709(found)
  if (matrix === null)
    return { is: "invalid", why: "they are no numbers, lie on a line, or do not enclose their white" }
  return { is: "matrix", name: near(XYZ, found) ? "lin_xyz_e" : "lin_custom_chromaticities", matrix }
}

const coordinates = ({ red, green, blue, white }: Chromaticities): readonly number[] => [
  ...red,
  ...green,
  ...blue,
  ...white,
]

function near(a: Chromaticities, b: Chromaticities): boolean {
  const others = coordinates(b)
  return coordinates(a).every((coordinate, index) => Math.abs(coordinate - (others[index] ?? Number.NaN)) <= TOLERANCE)
}

const nearWhite = (a: Xy, b: Xy): boolean => Math.hypot(a[0] - b[0], a[1] - b[1]) <= TOLERANCE

/**
 * File RGB to linear Rec.709. White E means the XYZ container: its numbers are XYZ as they stand, and adapting them
 * costs 40 dB; D65 needs no adaptation; any other white is adapted with Bradford.
 */
function toRec709(found: Chromaticities): Matrix | null {
  const file = rgbToXyz(found)
  const rec709 = rgbToXyz(REC709)
  const fromXyz = rec709 === null ? null : inverse(rec709)
  if (file === null || fromXyz === null) return null
  if (nearWhite(found.white, EQUAL_ENERGY) || nearWhite(found.white, D65)) return finite(multiply(fromXyz, file))
  const adapt = bradford(found.white, D65)
  return adapt === null ? null : finite(multiply(fromXyz, multiply(adapt, file)))
}

const finite = (matrix: Matrix): Matrix | null => (matrix.every(Number.isFinite) ? matrix : null)

/** CIE XYZ to linear Rec.709, without adaptation. */
export const XYZ_TO_REC709 = toRec709(XYZ)
