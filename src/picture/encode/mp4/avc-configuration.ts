// The decoder's configuration `avcC` (ISO 14496-15, 5.3.3), which holds the parameter sets of a movie.

import { u8, u16 } from "./boxes.ts"
import { sequenceParameters, statesDepths } from "./parameter-sets.ts"

const LENGTHS_OF_FOUR_BYTES = 0xff

/**
 * The configuration for samples with lengths of four bytes, of the NAL units of parameter sets. Movies with equal
 * configurations can be put behind one another.
 */
export function avcConfiguration(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Buffer {
  const [first] = sps
  if (first === undefined || first.length < 4 || pps.length === 0) throw new Error("No parameter sets for a movie.")
  const { profile, chromaFormat, lumaBits, chromaBits } = sequenceParameters(first)
  const depths = statesDepths({ profile })
    ? u8(0xfc | chromaFormat, 0xf8 | (lumaBits - 8), 0xf8 | (chromaBits - 8), 0)
    : u8()
  return Buffer.concat([
    ...[u8(1), first.subarray(1, 4), u8(LENGTHS_OF_FOUR_BYTES)],
    ...[u8(0xe0 | sps.length), ...behindLengths(sps)],
    ...[u8(pps.length), ...behindLengths(pps)],
    depths,
  ])
}

const behindLengths = (units: readonly Uint8Array[]): readonly Uint8Array[] =>
  units.flatMap((unit) => [u16(unit.length), unit])

/** The parameter sets of a configuration; null where it is none with lengths of four bytes. */
export function parameterSetsOf(avcC: Uint8Array): ParameterSets | null {
  if (avcC[0] !== 1 || avcC[4] !== LENGTHS_OF_FOUR_BYTES) return null
  const sps = setsBehind(avcC, 5, (avcC[5] ?? 0) & 31)
  const pps = sps === null ? null : setsBehind(avcC, sps.end, avcC[sps.end] ?? 0)
  return sps === null || pps === null ? null : { sps: sps.units, pps: pps.units }
}

export type ParameterSets = { readonly sps: readonly Uint8Array[]; readonly pps: readonly Uint8Array[] }

function setsBehind(avcC: Uint8Array, at: number, count: number): { units: readonly Uint8Array[]; end: number } | null {
  const units: Uint8Array[] = []
  let end = at + 1
  while (units.length < count) {
    const start = end + 2
    end = start + (avcC[end] ?? 0) * 256 + (avcC[end + 1] ?? 0)
    if (end > avcC.length || end === start) return null
    units.push(avcC.subarray(start, end))
  }
  return { units, end }
}
