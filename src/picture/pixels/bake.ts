import { createHash } from "node:crypto"
import { done, type Result } from "../../events/result.ts"
import { type Bakery, type Colours, converted, ROWS } from "./convert.ts"
import { rowShower } from "./look.ts"
import type { BakeRequest, ReadyLook } from "./looks.ts"
import { type Lut, latticeLight, type Shaper } from "./lut.ts"

export type BakedLook = Extract<ReadyLook, { readonly kind: "lut" }>

/** Points a side: 275 thousand colours, a second of oiiotool. */
const EDGE = 65
/** From black to seven stops over white; below three thousandths steps are even, above they grow with the light. */
const SHAPER: Shaper = { knee: 0.003, max: 128 }

/** Names a look in caches: the same for the same config (`configHash`, of its bytes) and the same conversion. */
export function lookKey({ from, to, fromRec709 }: BakeRequest, configHash: string): string {
  const said = JSON.stringify([configHash, from, to, fromRec709, EDGE, SHAPER])
  return createHash("sha256").update(said).digest("hex").slice(0, 16)
}

/**
 * Bakes a look: a lattice of colours goes through oiiotool with the look's own config. Colours beyond the lattice's space
 * or above its largest light are moved to its border. Fails: tool/*, scratch/full, stopped.
 */
export async function bakeLook(request: BakeRequest, bakery: Bakery): Promise<Result<BakedLook>> {
  const values = await converted(lattice(), request, bakery)
  if (!values.ok) return values
  const lut: Lut = { edge: EDGE, shaper: SHAPER, values: values.value }
  return done({ kind: "lut", fromRec709: request.fromRec709, lut })
}

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

/** Measures a baked look against OpenColorIO, on colours that are none of its points. Fails as bakeLook does. */
export async function checkLook(request: BakeRequest, { lut }: BakedLook, bakery: Bakery): Promise<Result<LookError>> {
  const colours = testColours()
  const exact = await converted(colours, request, bakery)
  if (!exact.ok) return exact
  const count = colours.length / 3
  const shown = rowShower({ kind: "lut", matrix: [], lut }, count)(planar(colours))
  let [largest, sum] = [0, 0]
  planar(exact.value).forEach((value, at) => {
    const off = Math.abs(Math.min(1, Math.max(0, value)) - (shown[at] ?? 0))
    largest = Math.max(largest, off)
    sum += off
  })
  return done({ largest, mean: sum / (3 * count), samples: 3 * count })
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
  return colours.map((_, at) => colours[3 * (at % count) + Math.floor(at / count)] ?? 0)
}
