import { type HeaderPart, numbersNamed } from "../header/model.ts"
import type { IccLight } from "./icc.ts"
import { bradford, type Chromaticities, inverse, type Matrix, multiply, REC709, rgbToXyz } from "./matrix.ts"

/** Both chunks hold their numbers times this. */
const SCALE = 100_000
const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]
const GAMMA_RANGE = { min: 0.1, max: 2 } as const

/** What gAMA and cHRM of a PNG say of its light; null without a gamma, or where that is absurd. */
export function pngLight(part: HeaderPart): IccLight | null {
  const [stated] = numbersNamed(part, "gAMA")
  const gamma = (stated ?? 0) / SCALE
  if (!(gamma >= GAMMA_RANGE.min && gamma <= GAMMA_RANGE.max)) return null
  const curve = (code: number): number => (code > 0 ? Math.min(1, code) ** (1 / gamma) : 0)
  return { curves: [curve, curve, curve], matrix: matrixOf(numbersNamed(part, "cHRM")) }
}

/** White first, as the chunk has it. Primaries that span no colours are those of sRGB. */
function matrixOf(numbers: readonly number[]): Matrix {
  const [wx, wy, rx, ry, gx, gy, bx, by] = numbers.map((number) => number / SCALE)
  if (by === undefined) return IDENTITY
  const found: Chromaticities = {
    white: [wx ?? 0, wy ?? 0],
    red: [rx ?? 0, ry ?? 0],
    green: [gx ?? 0, gy ?? 0],
    blue: [bx ?? 0, by],
  }
  const [file, ours] = [rgbToXyz(found), rgbToXyz(REC709)]
  const adapted = file === null ? null : bradford(found.white, REC709.white)
  const back = ours === null ? null : inverse(ours)
  return file === null || adapted === null || back === null ? IDENTITY : multiply(back, multiply(adapted, file))
}
