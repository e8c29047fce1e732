import { createHash } from "node:crypto"
import { done, type Result } from "../../events/result.ts"
import { inverse } from "../read/colour/matrix.ts"
import { REC709_CAMERA, REC1886, SRGB } from "./curve.ts"
import { isMatrix } from "./known-spaces.ts"
import { type Look, type Lut, latticeLight, rowShower, type Shaper } from "./look.ts"
import type { BakeRequest, ReadyLook } from "./plan.ts"
import { type Colours, converted, type LutBaker, ROWS } from "./through-config.ts"

/** Points a side: 275 thousand colours, a second of oiiotool. */
const EDGE = 65
/** From black to seven stops over white; below three thousandths steps are even, above they grow with the light. */
const SHAPER: Shaper = { knee: 0.003, max: 128 }

/** Names a look in caches: the same for the same config (`configHash`, of its bytes) and the same conversion. */
export function lookKey({ from, to, fromRec709, look }: BakeRequest, configHash: string): string {
  const steps = look?.steps.map(({ sha256, format, id, space, output }) => [sha256, format, id, space, output])
  const said = JSON.stringify([configHash, from, to, fromRec709, EDGE, SHAPER, ...(steps ?? [])])
  return createHash("sha256").update(said).digest("hex").slice(0, 16)
}

/**
 * Makes a look ready. Where the view is a plain conversion under another name, it is the exact curve; anything else is
 * baked: a lattice of colours goes through oiiotool with the look's own config, and colours beyond the lattice's space or
 * above its largest light are moved to its border. Fails: tool/*, scratch/full, stopped.
 */
export async function bakeLook(request: BakeRequest, baker: LutBaker): Promise<Result<ReadyLook>> {
  const plain = await recognised(request, baker)
  if (!plain.ok) return plain
  if (plain.value !== null) return done(plain.value)
  const values = await converted(lattice(), request, baker)
  if (!values.ok) return values
  const lut: Lut = { edge: EDGE, shaper: SHAPER, values: values.value.map(finite) }
  return done({ kind: "lut", fromRec709: request.fromRec709, lut })
}

/** A curve that the view follows as closely as OpenColorIO computes; null where it is none of ours. */
async function recognised(request: BakeRequest, baker: LutBaker): Promise<Result<ReadyLook | null>> {
  const colours = testColours()
  const exact = await converted(colours, request, baker)
  if (!exact.ok) return exact
  const looks = [SRGB, REC709_CAMERA, REC1886].map((curve): ReadyLook => ({ kind: "curve", curve }))
  return done(looks.find((look) => errorOf(request, look, { colours, exact: exact.value }).largest < SAME) ?? null)
}

/** OpenColorIO's fast powers are off by a tenth of that. */
const SAME = 2e-4

function lattice(): Colours {
  const lights = Array.from({ length: EDGE }, (_, point) => latticeLight({ edge: EDGE, shaper: SHAPER }, point))
  const colours = new Float32Array(EDGE ** 3 * 3)
  for (let at = 0; at < EDGE ** 3; at++) {
    colours[3 * at] = lights[at % EDGE] ?? 0
    colours[3 * at + 1] = lights[Math.floor(at / EDGE) % EDGE] ?? 0
    colours[3 * at + 2] = lights[Math.floor(at / EDGE ** 2)] ?? 0
  }
  return colours
}

/** How far a baked look is from the config's own, in code values between 0 and 1, over `samples` code values. */
export type LookError = { readonly largest: number; readonly mean: number; readonly samples: number }

/** Measures a look against OpenColorIO, on colours that are no points of a lattice. Fails as bakeLook does. */
export async function checkLook(request: BakeRequest, look: ReadyLook, baker: LutBaker): Promise<Result<LookError>> {
  const colours = testColours()
  const exact = await converted(colours, request, baker)
  return exact.ok ? done(errorOf(request, look, { colours, exact: exact.value })) : exact
}

type MeasuredColours = { readonly colours: Colours; readonly exact: Colours }

function errorOf({ fromRec709 }: BakeRequest, ready: ReadyLook, { colours, exact }: MeasuredColours): LookError {
  const toRec709 = isMatrix(fromRec709) ? (inverse(fromRec709) ?? []) : []
  const look: Look = ready.kind === "lut" ? { ...ready, matrix: [] } : { ...ready, matrix: toRec709 }
  const shown = rowShower(look, colours.length / 3)(planar(colours))
  let [largest, sum] = [0, 0]
  planar(exact).forEach((value, at) => {
    const off = Math.abs(Math.min(1, Math.max(0, value)) - (shown[at] ?? 0))
    largest = Math.max(largest, off)
    sum += off
  })
  return { largest, mean: sum / colours.length, samples: colours.length }
}

/** Greys and colours of every hue and saturation, ten stops below white to five above it, in no order but the same always. */
function testColours(): Colours {
  const count = ROWS * 250
  const colours = new Float32Array(count * 3)
  let state = 1
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  for (let at = 0; at < count; at++) {
    const light = 2 ** (15 * next() - 10)
    const saturation = at % 4 === 0 ? 0 : next()
    for (let channel = 0; channel < 3; channel++) colours[3 * at + channel] = light * (1 - saturation * next())
  }
  return colours
}

function planar(colours: Colours): Colours {
  const count = colours.length / 3
  return colours.map((_, at) => finite(colours[3 * (at % count) + Math.floor(at / count)]))
}

/** A transform may have no answer for some colours. */
const finite = (value: number | undefined): number => (Number.isFinite(value) ? (value as number) : 0)
