// Parameter sets of H.264 (ITU-T H.264, 7.3.2), and the decoder's configuration that holds them (ISO 14496-15, 5.3.3).

import { type BitReader, readBits, withoutEmulationPrevention } from "./bits.ts"
import { u8, u16 } from "./boxes.ts"

/** What a sequence parameter set says first. */
export type SequenceParameters = {
  readonly profile: number
  /** 1 is 4:2:0. */
  readonly chromaFormat: number
  readonly lumaBits: number
  readonly chromaBits: number
}

/** Profiles that state a chroma format and depths (7.3.2.1.1). */
const HIGH_PROFILES: readonly number[] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

/** What the NAL unit of a sequence parameter set says of the pictures' format. */
export function sequenceParameters(sps: Uint8Array): SequenceParameters {
  const reader = readBits(withoutEmulationPrevention(sps))
  reader.bits(8)
  const profile = reader.bits(8)
  reader.bits(16)
  reader.ue()
  if (!HIGH_PROFILES.includes(profile)) return { profile, chromaFormat: 1, lumaBits: 8, chromaBits: 8 }
  return { profile, ...pictureFormat(reader) }
}

function pictureFormat(reader: BitReader): Omit<SequenceParameters, "profile"> {
  const chromaFormat = reader.ue()
  if (chromaFormat === 3) reader.flag()
  return { chromaFormat, lumaBits: reader.ue() + 8, chromaBits: reader.ue() + 8 }
}

const LENGTHS_OF_FOUR_BYTES = 0xff

/**
 * The decoder's configuration `avcC` for samples with lengths of four bytes, of the NAL units of parameter sets. Movies
 * with equal configurations can be put behind one another.
 */
export function avcConfiguration(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Buffer {
  const [first] = sps
  if (first === undefined || first.length < 4 || pps.length === 0) throw new Error("No parameter sets for a movie.")
  const { profile, chromaFormat, lumaBits, chromaBits } = sequenceParameters(first)
  const depths = HIGH_PROFILES.includes(profile)
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
