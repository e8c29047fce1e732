// Parameter sets of H.264 (ITU-T H.264, 7.3.2.1 and 7.3.2.2): what decoders must know before the first picture.

import { type BitReader, readBits, withoutEmulationPrevention } from "./bits.ts"

/** What a sequence parameter set says of the pictures, and of the heads of their slices. */
export type SequenceParameters = {
  readonly profile: number
  /** 1 is 4:2:0. */
  readonly chromaFormat: number
  readonly lumaBits: number
  readonly chromaBits: number
  /** Colour planes are coded as pictures of their own. */
  readonly hasColourPlanes: boolean
  /** Bits of frame_num. */
  readonly frameNumBits: number
  readonly orderType: number
  /** Bits of pic_order_cnt_lsb, where orderType is 0. */
  readonly orderBits: number
  readonly isOrderDeltaZero: boolean
  /** No picture is a field. */
  readonly isProgressive: boolean
}

/** What a picture parameter set says of the heads of slices. */
export type PictureParameters = {
  readonly id: number
  /** Entropy coding by CABAC, which starts at a whole byte behind a slice's head. */
  readonly isCabac: boolean
  readonly hasFieldOrder: boolean
  readonly sliceGroups: number
  readonly hasDeblocking: boolean
  readonly hasRedundantPictures: boolean
}

/** Profiles that state a chroma format and depths (7.3.2.1.1). */
const HIGH_PROFILES: readonly number[] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]

export const statesDepths = ({ profile }: Pick<SequenceParameters, "profile">): boolean =>
  HIGH_PROFILES.includes(profile)

/** The NAL unit of a sequence parameter set. */
export function sequenceParameters(sps: Uint8Array): SequenceParameters {
  const reader = readBits(withoutEmulationPrevention(sps))
  return { ...readToFrameSize(reader), isProgressive: reader.flag() }
}

/** Reads as far as the picture's size, behind which it says whether a picture may be a field. */
export function readToFrameSize(reader: BitReader): Omit<SequenceParameters, "isProgressive"> {
  reader.bits(8)
  const profile = reader.bits(8)
  reader.bits(16)
  reader.ue()
  const format = statesDepths({ profile }) ? pictureFormat(reader) : PLAIN_FORMAT
  const frameNumBits = reader.ue() + 4
  const order = pictureOrder(reader)
  reader.ue()
  reader.flag()
  reader.ue()
  reader.ue()
  return { profile, ...format, frameNumBits, ...order }
}

type PictureFormat = Pick<SequenceParameters, "chromaFormat" | "lumaBits" | "chromaBits" | "hasColourPlanes">

const PLAIN_FORMAT: PictureFormat = { chromaFormat: 1, lumaBits: 8, chromaBits: 8, hasColourPlanes: false }

function pictureFormat(reader: BitReader): PictureFormat {
  const chromaFormat = reader.ue()
  const hasColourPlanes = chromaFormat === 3 && reader.flag()
  const [lumaBits, chromaBits] = [reader.ue() + 8, reader.ue() + 8]
  reader.flag()
  if (reader.flag()) passScalingLists(reader, chromaFormat === 3 ? 12 : 8)
  return { chromaFormat, lumaBits, chromaBits, hasColourPlanes }
}

/** Six lists of 16 numbers, then lists of 64: each is told by differences, and ends early where a scale is 0 (7.3.2.1.1.1). */
function passScalingLists(reader: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!reader.flag()) continue
    let scale = 8
    for (let left = list < 6 ? 16 : 64; left > 0 && scale !== 0; left--) scale = (scale + reader.se() + 256) % 256
  }
}

function pictureOrder(reader: BitReader): Pick<SequenceParameters, "orderType" | "orderBits" | "isOrderDeltaZero"> {
  const orderType = reader.ue()
  if (orderType === 0) return { orderType, orderBits: reader.ue() + 4, isOrderDeltaZero: false }
  if (orderType !== 1) return { orderType, orderBits: 0, isOrderDeltaZero: false }
  const isOrderDeltaZero = reader.flag()
  reader.se()
  reader.se()
  for (let left = Math.min(reader.ue(), LONGEST_CYCLE); left > 0; left--) reader.se()
  return { orderType, orderBits: 0, isOrderDeltaZero }
}

/** num_ref_frames_in_pic_order_cnt_cycle is 255 at most. */
const LONGEST_CYCLE = 255

/** The NAL unit of a picture parameter set. */
export function pictureParameters(pps: Uint8Array): PictureParameters {
  const reader = readBits(withoutEmulationPrevention(pps))
  reader.bits(8)
  const id = reader.ue()
  reader.ue()
  const [isCabac, hasFieldOrder, sliceGroups] = [reader.flag(), reader.flag(), reader.ue() + 1]
  const start = { id, isCabac, hasFieldOrder, sliceGroups }
  // Behind the map of slice groups nothing is read: slices of such pictures are left as they are.
  if (sliceGroups > 1) return { ...start, hasDeblocking: false, hasRedundantPictures: false }
  reader.ue()
  reader.ue()
  reader.bits(3)
  for (let quantizer = 0; quantizer < 3; quantizer++) reader.se()
  const hasDeblocking = reader.flag()
  reader.flag()
  return { ...start, hasDeblocking, hasRedundantPictures: reader.flag() }
}
