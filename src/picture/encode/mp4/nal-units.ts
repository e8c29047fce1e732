// NAL units of H.264: behind start codes as encoders write them (Annex B), behind lengths as they lie in an MP4.

/** Types of NAL units (ITU-T H.264, table 7-1). */
export const NAL = { idr: 5, sps: 7, pps: 8, filler: 12 } as const

export const nalType = (unit: Uint8Array): number => (unit[0] ?? 0) & 0x1f

/** What one call of an encoder gives: parameter sets, which belong into the index, and the sample. */
export type AccessUnit = {
  readonly sps: readonly Uint8Array[]
  readonly pps: readonly Uint8Array[]
  /** The other units, each behind its length in four bytes. */
  readonly sample: Buffer
}

/** Takes an access unit in Annex B apart. */
export const accessUnitOf = (annexB: Uint8Array): AccessUnit => accessUnit(unitsBehindStartCodes(annexB))

/**
 * Takes a stream of pictures in Annex B apart, each of one slice or several: a picture starts with what stands before its
 * first slice, which holds its first macroblock (ITU-T H.264, 7.4.1.2.3).
 */
export function accessUnitsOf(annexB: Uint8Array): readonly AccessUnit[] {
  const pictures: Uint8Array[][] = []
  let hasSlice = true
  for (const unit of unitsBehindStartCodes(annexB)) {
    const isSlice = nalType(unit) <= NAL.idr
    const isFirstSlice = isSlice && ((unit[1] ?? 0) & FIRST_MACROBLOCK_0) !== 0
    if (hasSlice && (!isSlice || isFirstSlice)) {
      pictures.push([])
      hasSlice = false
    }
    pictures.at(-1)?.push(unit)
    hasSlice ||= isSlice
  }
  return pictures.map(accessUnit)
}

/** ue(0) is one bit that is set. */
const FIRST_MACROBLOCK_0 = 0x80

/** NAL units behind start codes (Annex B). */
export const annexBOf = (units: readonly Uint8Array[]): Buffer =>
  Buffer.concat(units.flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]))

function accessUnit(units: readonly Uint8Array[]): AccessUnit {
  const ofType = (type: number): readonly Uint8Array[] => units.filter((unit) => nalType(unit) === type)
  const inIndex: readonly number[] = [NAL.sps, NAL.pps, NAL.filler]
  return {
    sps: ofType(NAL.sps),
    pps: ofType(NAL.pps),
    sample: sampleOf(units.filter((unit) => !inIndex.includes(nalType(unit)))),
  }
}

/** NAL units as one sample, each behind its length in four bytes. */
export function sampleOf(units: readonly Uint8Array[]): Buffer {
  const sample = Buffer.alloc(units.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0))
  let at = 0
  for (const unit of units) {
    at = sample.writeUInt32BE(unit.length, at)
    sample.set(unit, at)
    at += unit.length
  }
  return sample
}

const LENGTH_BYTES = 4

/** The NAL units of a sample; null where lengths and bytes disagree. */
export function unitsBehindLengths(sample: Uint8Array): readonly Uint8Array[] | null {
  const bytes = Buffer.from(sample.buffer, sample.byteOffset, sample.length)
  const units: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const start = at + LENGTH_BYTES
    at = start > bytes.length ? start : start + bytes.readUInt32BE(at)
    if (at > bytes.length || at === start) return null
    units.push(bytes.subarray(start, at))
  }
  return units
}

/** The units of a stream with start codes of three or four bytes; zeros behind a unit belong to none. */
function unitsBehindStartCodes(stream: Uint8Array): readonly Uint8Array[] {
  const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.length)
  const units: Uint8Array[] = []
  let code = bytes.indexOf(START_CODE)
  while (code >= 0) {
    const start = code + START_CODE.length
    code = bytes.indexOf(START_CODE, start)
    const unit = withoutZerosBehind(bytes.subarray(start, code < 0 ? bytes.length : code))
    if (unit.length > 0) units.push(unit)
  }
  return units
}

const START_CODE = Buffer.from([0, 0, 1])

/** No unit ends with a zero byte (7.4.1): those belong to the next start code. */
export function withoutZerosBehind(unit: Buffer): Buffer {
  let end = unit.length
  while (end > 0 && unit[end - 1] === 0) end--
  return unit.subarray(0, end)
}
