import { falseColour, idOf, type Rgb } from "./false-colour.ts"
import type { PaintedPass, Painting, PassRow } from "./painting.ts"

const RGB = ["R", "G", "B"]
const NOTHING_TO_SAY = { channels: RGB, measure: null, says: () => [] } as const

const bitsOf = (plane: Float32Array): Uint32Array => new Uint32Array(plane.buffer, plane.byteOffset, plane.length)

/** The id at each place of a row, whatever type holds it. */
function idsOf(plane: Float32Array, isInteger: boolean): (x: number) => number {
  const bits = bitsOf(plane)
  return isInteger ? (x) => bits[x] as number : (x) => idOf(plane[x] as number, bits[x] as number)
}

/** Colours are looked up again and again: a picture holds far fewer ids than pixels. */
function keptColours(): (id: number) => Rgb {
  const kept = new Map<number, Rgb>()
  return (id) => {
    const colour = kept.get(id) ?? falseColour(id)
    if (kept.size < MOST_KEPT) kept.set(id, colour)
    return colour
  }
}

const MOST_KEPT = 65_536

export function idsPainting({ integers }: PaintedPass): Painting {
  const colourOf = keptColours()
  return {
    ...NOTHING_TO_SAY,
    paint([plane], into) {
      if (plane === undefined) return
      const idAt = idsOf(plane, integers[0] === true)
      for (let x = 0; x < plane.length; x++) {
        const colour = colourOf(idAt(x))
        into.forEach((target, channel) => {
          target[x] = colour[channel] as number
        })
      }
    },
  }
}

/** Ranks of a cryptomatte, pairs of an id and the share of the pixel that it covers. The ids are hashes of names. */
export function ranksPainting({ channels }: PaintedPass): Painting {
  const colourOf = keptColours()
  const ranks = Math.floor(channels.length / 2)
  return {
    ...NOTHING_TO_SAY,
    paint(row, into) {
      for (const target of into) target.fill(0)
      for (let rank = 0; rank < ranks; rank++) addRank(row, rank, { into, colourOf })
    },
  }
}

function addRank(
  row: PassRow,
  rank: number,
  { into, colourOf }: { readonly into: readonly Float32Array[]; readonly colourOf: (id: number) => Rgb },
): void {
  const [plane, coverage] = [row[2 * rank], row[2 * rank + 1]]
  if (plane === undefined || coverage === undefined) return
  const bits = bitsOf(plane)
  for (let x = 0; x < plane.length; x++) {
    const share = coverage[x] as number
    if (!(share > 0)) continue
    const colour = colourOf(bits[x] as number)
    into.forEach((target, channel) => {
      target[x] = Math.min(1, (target[x] as number) + Math.min(1, share) * (colour[channel] as number))
    })
  }
}
