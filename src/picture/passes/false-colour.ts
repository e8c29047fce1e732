/** The last step of MurmurHash3: every bit of a number has a part in every bit of what it gives. */
function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export type Rgb = readonly [red: number, green: number, blue: number]

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
export const idOf = (value: number, bits: number): number =>
  Number.isInteger(value) && value >= 0 && value < 2 ** 32 ? value : bits
