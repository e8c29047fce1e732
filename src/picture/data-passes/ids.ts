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
function cachedColours(): (id: number) => Rgb {
  const cache = new Map<number, Rgb>()
  return (id) => {
    const colour = cache.get(id) ?? falseColour(id)
    if (cache.size < MOST_CACHED) cache.set(id, colour)
    return colour
  }
}

const MOST_CACHED = 65_536

export function idsPainting({ integers }: PaintedPass): Painting {
  const colourOf = cachedColours()
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
  const colourOf = cachedColours()
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

/** The last step of MurmurHash3: every bit of a number has a part in every bit of what it gives. */
function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

type Rgb = readonly [red: number, green: number, blue: number]

const BLACK: Rgb = [0, 0, 0]

/**
 * The colour of an id: a bright one for each, which its bits alone decide, so that an object keeps its colour in all frames
 * and files. Id 0 is nothing, and black.
 */
export function falseColour(bits: number): Rgb {
  if (bits === 0) return BLACK
  const hash = mixed(bits)
  const [hue, saturation, value] = [(hash >>> 12) / 2 ** 20, ((hash >>> 6) & 63) / 63, (hash & 63) / 63]
  return fromHsv(hue, 0.55 + 0.4 * saturation, 0.65 + 0.35 * value)
}

/** Hue, saturation and value from 0 to 1. */
function fromHsv(hue: number, saturation: number, value: number): Rgb {
  const part = (offset: number): number => {
    const turned = (offset + hue * 6) % 6
    return value - value * saturation * Math.max(0, Math.min(turned, 4 - turned, 1))
  }
  return [part(5), part(3), part(1)]
}

/** Whole numbers are the same id whatever type holds them; other floats (hashes, cryptomattes) are their bits. */
const idOf = (value: number, bits: number): number =>
  Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : bits
