import { decoder, encoder, type OfNumber, SRGB } from "../../pixels/curve.ts"
import { type InputTransform, isMatrix, KNOWN_SPACES } from "../../pixels/known-spaces.ts"
import { type HeaderPart, numbersNamed } from "../header/model.ts"
import { type IccLight, readIcc } from "./icc.ts"
import {
  apply,
  bradford,
  type Chromaticities,
  IDENTITY,
  inverse,
  type Matrix,
  multiply,
  REC709,
  rgbToXyz,
  type Vector,
} from "./matrix.ts"

/**
 * What facts call the space of a source whose profile is of no named space: whoever renders it reads the profile again.
 * No config has a space of that name.
 */
export const ICC_SPACE = "the source's ICC profile"

/** The same for a profile that holds tables: littleCMS converts the source before it is rendered. */
export const ICC_TABLES = "tables of the source's ICC profile"

/** Coded spaces that profiles are usually of, and that are shown as sRGB: those whose codes pass through are not converted. */
const CODED = ["srgb_tx", "g22_adobergb", "srgb_p3d65", "g22_rec709", "g18_rec709", "g26_p3d65"]
const LINEAR = ["lin_rec709", "ACEScg", "ACES2065-1", "lin_p3d65", "lin_rec2020", "lin_adobergb"]

/** Nobody sees it, and profiles of one space differ by as much. */
const SAME_CODES = 1.5 / 255
const SAME_LIGHT = 0.002

/** The curve is the identity: the samples are light. */
export const isLinear = ({ curves }: IccLight): boolean =>
  STEPS.every((step) => curves.every((curve) => Math.abs(curve(step) - step) < 1 / 4096))

/** Name of the config's space that has these curves and primaries, near enough not to see; null where there is none. */
export function namedSpace(light: IccLight): string | null {
  const [names, most] = isLinear(light) ? [LINEAR, SAME_LIGHT] : [CODED, SAME_CODES]
  const measure = isLinear(light) ? lightApart : codesApart
  const near = names
    .map((name) => ({ name, apart: measure(light, lightOf(KNOWN_SPACES.get(name))) }))
    .toSorted((a, b) => a.apart - b.apart)[0]
  return near !== undefined && near.apart <= most ? near.name : null
}

/** Of a picture that shows one channel three times: what the profile says of neutral colours. */
export const neutral = ({ curves: [, green] }: IccLight): IccLight => ({
  curves: [green, green, green],
  matrix: IDENTITY,
})

function lightOf(transform: InputTransform | undefined): IccLight {
  if (transform === undefined) throw new Error("A named space has no formula.")
  const curve: OfNumber = transform.curve === null ? (code) => code : decoder(transform.curve)
  return { curves: [curve, curve, curve], matrix: isMatrix(transform.matrix) ? transform.matrix : IDENTITY }
}

const STEPS = Array.from({ length: 33 }, (_, step) => step / 32)
const FEW = [0, 0.25, 0.5, 0.75, 1]
const COLOURS: readonly Vector[] = [
  ...STEPS.map((step): Vector => [step, step, step]),
  ...FEW.flatMap((red) => FEW.flatMap((green) => FEW.map((blue): Vector => [red, green, blue]))),
]

const lightApart = (a: IccLight, b: IccLight): number =>
  Math.max(...a.matrix.map((value, at) => Math.abs(value - (b.matrix[at] ?? 0))))

const codesApart = (a: IccLight, b: IccLight): number =>
  Math.max(
    ...COLOURS.flatMap((colour) => {
      const [ours, theirs] = [codes(a, colour), codes(b, colour)]
      return ours.map((code, channel) => Math.abs(code - (theirs[channel] ?? 0)))
    }),
  )

const encode = encoder(SRGB)

function codes({ curves: [red, green, blue], matrix }: IccLight, colour: Vector): readonly number[] {
  const light = apply(matrix, [red(colour[0]), green(colour[1]), blue(colour[2])])
  return light.map((value) => encode(Math.min(1, Math.max(0, value))))
}

/** Curves and primaries that a source states where they are of no named space: its ICC profile's, or those of a PNG's chunks. */
export const statedLight = (part: HeaderPart, iccBytes: Uint8Array | null): IccLight | null =>
  iccBytes === null ? pngLight(part) : (readIcc(iccBytes)?.light ?? null)

/** Both chunks hold their numbers times this. */
const SCALE = 100_000
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
