// What two configurations have in common whose pictures are shown at different rates.

import { parameterSetsOf } from "./avc-configuration.ts"
import { type BitReader, readBits, withoutEmulationPrevention } from "./bits.ts"
import { readToFrameSize } from "./parameter-sets.ts"

/**
 * All of a configuration but what follows from the frame rate: the timing in its VUI (ITU-T H.264, E.1.1), and the level, which
 * counts macroblocks per second. Pictures of which this is equal are decoded alike by the parameter sets of each. As text, to be
 * compared.
 */
export function formatApartFromTiming(avcC: Uint8Array): string {
  const sets = parameterSetsOf(avcC)
  if (sets === null) return Buffer.from(avcC).toString("hex")
  const pictures = sets.pps.map((pps) => Buffer.from(pps).toString("hex"))
  return JSON.stringify([sets.sps.map(apartFromTiming), pictures])
}

const LEVEL = { from: 24, to: 32 }

function apartFromTiming(sps: Uint8Array): string {
  const payload = withoutEmulationPrevention(sps)
  const timing = timingIn(payload)
  const bits = Array.from(payload, (byte) => byte.toString(2).padStart(8, "0")).join("")
  const kept = bits.slice(0, LEVEL.from) + bits.slice(LEVEL.to, timing.from)
  // How many zeros fill the last byte depends on what stands before them.
  return `${kept} ${bits.slice(timing.to).replace(/10*$/, "")}`
}

/** Bits at which the timing stands, from the flag that says whether there is any. At the end where there is no VUI. */
function timingIn(payload: Buffer): { readonly from: number; readonly to: number } {
  const reader = readBits(payload)
  readToFrameSize(reader)
  if (!reader.flag()) reader.flag()
  reader.flag()
  if (reader.flag()) for (let side = 0; side < 4; side++) reader.ue()
  if (!reader.flag()) return { from: reader.position(), to: reader.position() }
  passVideoDescription(reader)
  const from = reader.position()
  if (reader.flag()) reader.bits(TIMING_BITS)
  return { from, to: reader.position() }
}

/** num_units_in_tick, time_scale, fixed_frame_rate_flag. */
const TIMING_BITS = 32 + 32 + 1

const EXTENDED_SAR = 255

function passVideoDescription(reader: BitReader): void {
  if (reader.flag() && reader.bits(8) === EXTENDED_SAR) reader.bits(32)
  if (reader.flag()) reader.flag()
  if (reader.flag()) {
    reader.bits(4)
    if (reader.flag()) reader.bits(24)
  }
  if (reader.flag()) {
    reader.ue()
    reader.ue()
  }
}
