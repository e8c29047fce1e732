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
export const withoutEmulationPrevention = (unit: Uint8Array): Buffer => payloadStart(unit, unit.length).payload

/** The start of a unit's payload, and the bytes of the unit behind it. */
export type PayloadStart = { readonly payload: Buffer; readonly behind: Uint8Array }

/**
 * The first `least` bytes of a unit's payload, or all of it, and on to a byte that is not 0: whatever is written in their
 * place, the bytes behind need the emulation prevention that they have.
 */
export function payloadStart(unit: Uint8Array, least: number): PayloadStart {
  const payload: number[] = []
  let [end, zeros] = [0, 0]
  while (end < unit.length && (payload.length < least || payload.at(-1) === 0)) {
    const byte = unit[end++] ?? 0
    const isPrevention = zeros >= 2 && byte === 3
    if (!isPrevention) payload.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return { payload: Buffer.from(payload), behind: unit.subarray(end) }
}

/** A payload as it stands in a NAL unit: no three bytes look like a start code, and the last is not 0. */
export function withEmulationPrevention(payload: Uint8Array): Buffer {
  const bytes: number[] = []
  let zeros = 0
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3)
      zeros = 0
    }
    bytes.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  if (zeros > 0) bytes.push(3)
  return Buffer.from(bytes)
}
