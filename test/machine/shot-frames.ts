import { floats, ints, type MadeAttribute } from "../../src/picture/read/header/testing/exr-file.ts"
import { writtenExr } from "../../src/picture/samples/exr/testing/written-exr.ts"

/** CIE 1931 x and y of red, green, blue and white. */
const PRIMARIES = {
  rec709: [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329],
  ap1: [0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767],
}

/** What a frame of a shot is like; a defect is one of it that differs. */
export type ShotFrame = {
  readonly frame: number
  readonly width: number
  readonly height: number
  /** Left and top of the display window. */
  readonly origin: number
  readonly pixelType: "half" | "float"
  readonly compression: "zips" | "zip"
  readonly channels: readonly string[]
  readonly primaries: keyof typeof PRIMARIES
  readonly rate: number
  readonly pixelAspect: number
  /** Frames since midnight. */
  readonly timecode: number
  /** Linear light of the brightest sample. */
  readonly light: number
  /** Samples that are no numbers. */
  readonly notFinite: number
}

export const shotFrame = (frame: number, with_: Partial<ShotFrame> = {}): ShotFrame => ({
  ...{ frame, width: 64, height: 36, origin: 0, pixelType: "half", compression: "zips", channels: ["B", "G", "R"] },
  ...{ primaries: "rec709", rate: 24, pixelAspect: 1, timecode: frame, light: 1, notFinite: 0 },
  ...with_,
})

/** An EXR with a header and pixels like that: a gradient that moves by a pixel a frame. */
export function shotExr(shot: ShotFrame): Uint8Array {
  const { width, height, origin, pixelType, compression, channels, rate } = shot
  const dataWindow = { xMin: origin, yMin: origin, xMax: origin + width - 1, yMax: origin + height - 1 }
  const samples = (channel: number): Uint32Array =>
    Uint32Array.from({ length: width * height }, (_, at) => {
      if (channel === 0 && at < shot.notFinite) return bitsOf(Number.NaN, pixelType)
      const value = (((at % width) + shot.frame * 3) % width) / width
      return bitsOf(shot.light * (channel === 0 ? value : value / 2), pixelType)
    })
  const attributes: readonly MadeAttribute[] = [
    ["framesPerSecond", "rational", ints(rate, 1)],
    ["timeCode", "timecode", ints(packedTimecode(shot.timecode, 24), 0)],
    ["chromaticities", "chromaticities", floats(...PRIMARIES[shot.primaries])],
    ["pixelAspectRatio", "float", floats(shot.pixelAspect)],
  ]
  const made = channels.map((name, channel) => ({
    name,
    pixelType,
    xSampling: 1,
    ySampling: 1,
    samples: samples(channel),
  }))
  const part = { channels: made, dataWindow, compression, tiles: null, attributes }
  return writtenExr({
    parts: [part],
    isMultiPart: false,
    order: (chunks) => Array.from({ length: chunks }, (_, at) => at),
  })
}

function bitsOf(value: number, pixelType: ShotFrame["pixelType"]): number {
  const view = new DataView(new ArrayBuffer(4))
  if (pixelType === "float") view.setFloat32(0, value, true)
  else view.setFloat16(0, value, true)
  return view.getUint32(0, true)
}

/** SMPTE ST 12-1 without drop-frame, as OpenEXR packs it: two decimal digits a byte. */
function packedTimecode(frames: number, rate: number): number {
  const seconds = Math.floor(frames / rate)
  const numbers = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60, frames % rate]
  return numbers.reduce((word, number) => word * 256 + Math.floor(number / 10) * 16 + (number % 10), 0)
}
