import { done, type Result } from "../../events/result.ts"
import { apply, type Matrix, type Vector } from "../read/colour/matrix.ts"
import { spaceNamed } from "../read/colour/spaces.ts"
import { type Bakery, type Colours, converted, ROWS } from "./convert.ts"
import { decoder } from "./curve.ts"
import { type InputTransform, isMatrix, KNOWN_SPACES } from "./known-spaces.ts"

/** A space of a facility's own config, and linear Rec.709 as that config names it. */
export type OwnSpace = { readonly configPath: string; readonly space: string; readonly linearSpace: string }

/**
 * Finds out whether the pixel path can make a facility's own space linear by itself: it sends colours through the
 * facility's config and looks whether a matrix explains them all, or the formula that is known under the space's name.
 * Null where neither does; then oiiotool converts each file first. Fails: tool/*, scratch/full, stopped.
 */
export async function probeInput(own: OwnSpace, bakery: Bakery): Promise<Result<InputTransform | null>> {
  const colours = probes()
  const light = await converted(colours, { ...own, from: own.space, to: { space: own.linearSpace } }, bakery)
  if (!light.ok) return light
  const known = KNOWN_SPACES.get(spaceNamed(own.space)?.configSpace ?? own.space)
  const candidates = [{ curve: null, matrix: matrixFrom(light.value) }, ...(known === undefined ? [] : [known])]
  return done(candidates.find((transform) => explains(transform, colours, light.value)) ?? null)
}

/** Full red, green and blue, then others: below black, above white, dark. */
function probes(): Colours {
  const colours = Float32Array.from({ length: ROWS * 4 * 3 }, (_, at) => Math.fround(((at * 37) % 101) / 60 - 0.3))
  colours.set([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 2, 9, -1, 3, 0.5])
  return colours
}

/** What the three full colours become are the matrix's columns. */
const matrixFrom = (light: Colours): Matrix =>
  [0, 3, 6, 1, 4, 7, 2, 5, 8].map((at) => light[at] ?? 0) as unknown as Matrix

/** Rounding of single precision, and OpenColorIO's fast powers. */
const TOLERANCE = 1e-4

function explains({ curve, matrix }: InputTransform, colours: Colours, light: Colours): boolean {
  const decode = curve === null ? (value: number) => value : decoder(curve)
  for (let at = 0; at < colours.length; at += 3) {
    const [r = 0, g = 0, b = 0] = colours.subarray(at, at + 3)
    const decoded: Vector = [decode(r), decode(g), decode(b)]
    const ours = isMatrix(matrix) ? apply(matrix, decoded) : decoded
    const size = 0.01 + Math.max(...decoded.map(Math.abs))
    if (!ours.every((value, channel) => Math.abs(value - (light[at + channel] ?? 0)) < TOLERANCE * size)) return false
  }
  return true
}
