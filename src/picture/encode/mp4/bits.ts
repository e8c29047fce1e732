// Bits of H.264's headers (ITU-T H.264, 7.2 and 9.1).

/** Reads a payload, from which the emulation-prevention bytes are out, bit by bit; behind its end are zeros. */
export type BitReader = {
  /** Bits read so far. */
  readonly position: () => number
  readonly bits: (count: number) => number
  readonly flag: () => boolean
  /** Unsigned Exp-Golomb code, ue(v): up to 32 leading zeros. */
  readonly ue: () => number
  /** Signed Exp-Golomb code, se(v). */
  readonly se: () => number
}

export function readBits(payload: Uint8Array): BitReader {
  let position = 0
  const bit = (): number => {
    const value = ((payload[position >> 3] ?? 0) >> (7 - (position & 7))) & 1
    position++
    return value
  }
  const bits = (count: number): number => {
    let value = 0
    for (let read = 0; read < count; read++) value = value * 2 + bit()
    return value
  }
  const ue = (): number => {
    let zeros = 0
    while (zeros < LONGEST_UE && bit() === 0) zeros++
    return 2 ** zeros - 1 + bits(zeros)
  }
  const se = (): number => {
    const code = ue()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
  return { position: () => position, bits, flag: () => bit() === 1, ue, se }
}

const LONGEST_UE = 32

/** The payload of a NAL unit, its one-byte head included: without the 3 of each 00 00 03 (7.4.1). */
export function withoutEmulationPrevention(unit: Uint8Array): Buffer {
  const payload = Buffer.alloc(unit.length)
  let [length, zeros] = [0, 0]
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    payload[length++] = byte
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return payload.subarray(0, length)
}
