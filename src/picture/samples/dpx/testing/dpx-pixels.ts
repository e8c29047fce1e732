import { dpxFile } from "../../../read/header/testing/dpx-file.ts"

/** A small DPX and what it holds. */
export type MadePixels = {
  readonly bits: 8 | 10 | 12 | 16
  /** 0 packed, 1 filled method A, 2 method B. */
  readonly filling: 0 | 1 | 2
  readonly littleEndian: boolean
  /** 50 RGB, 51 RGBA, 52 ABGR, 6 luma. */
  readonly descriptor: number
  readonly width: number
  readonly height: number
  readonly paddingBytes: number
  /** Code of sample n of the picture, in the file's order. */
  readonly codeOf: (sample: number) => number
}

export const channelsOf = (descriptor: number): number => (descriptor === 6 ? 1 : descriptor === 50 ? 3 : 4)

/** Words of a row, and bits of one. */
function rowWords(made: MadePixels, codes: readonly number[]): readonly [readonly bigint[], number] {
  const { bits, filling } = made
  if (bits === 8 || bits === 16) return [codes.map(BigInt), bits]
  if (bits === 12 && filling > 0) return [codes.map((code) => BigInt(code) << (filling === 1 ? 4n : 0n)), 16]
  if (filling > 0) return [thirds(codes, filling === 1 ? 2n : 0n, channelsOf(made.descriptor) === 1), 32]
  const all = codes.reduce((sum, code, index) => sum | (BigInt(code) << BigInt(index * bits)), 0n)
  const count = Math.ceil((codes.length * bits) / 32)
  return [Array.from({ length: count }, (_, index) => (all >> BigInt(index * 32)) & 0xffffffffn), 32]
}

function thirds(codes: readonly number[], shift: bigint, lowFirst: boolean): readonly bigint[] {
  const groups = Array.from({ length: Math.ceil(codes.length / 3) }, (_, index) =>
    codes.slice(index * 3, index * 3 + 3),
  )
  const places = lowFirst ? [0n, 10n, 20n] : [20n, 10n, 0n]
  return groups.map((group) =>
    group.reduce((word, code, n) => word | (BigInt(code) << ((places[n] ?? 0n) + shift)), 0n),
  )
}

/** The file of these pixels. */
export function dpxOf(made: MadePixels): Uint8Array {
  const rowSamples = made.width * channelsOf(made.descriptor)
  const bytes: number[] = []
  for (let row = 0; row < made.height; row++) {
    const codes = Array.from({ length: rowSamples }, (_, n) => made.codeOf(row * rowSamples + n))
    const [words, wordBits] = rowWords(made, codes)
    for (const word of words) {
      const big = Array.from({ length: wordBits / 8 }, (_, n) => Number((word >> BigInt(wordBits - 8 - n * 8)) & 255n))
      bytes.push(...(made.littleEndian ? big.reverse() : big))
    }
    bytes.push(...Array.from({ length: made.paddingBytes }, () => 0x5a))
  }
  return dpxFile({
    width: made.width,
    height: made.height,
    littleEndian: made.littleEndian,
    pixels: Uint8Array.from(bytes),
    fields: [
      [800, "u8", made.descriptor],
      [803, "u8", made.bits],
      [804, "u16", made.filling],
      [812, "u32", made.paddingBytes],
    ],
  })
}
