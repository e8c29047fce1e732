import type { Rational } from "../../events/records.generated.ts"
import { timecodeAt } from "../../picture/encode/timecode.ts"
import type { FrameFacts } from "../integrity/index.ts"

/** A frame of a clean sequence: every one has other bytes and another timecode, and all else in common. */
export const cleanFrame = (frame: number, rate: Rational | null = { num: 24, den: 1 }): FrameFacts => ({
  frame,
  padding: 4,
  failure: null,
  recordedAtMs: 1000,
  traits: {
    ...{ format: "exr", size: "1920x1080", displayWindow: "(0,0)-(1919,1079)", dataWindow: "(0,0)-(1919,1079)" },
    ...{
      pixelAspect: "1",
      depth: "half",
      compression: "zips",
      channels: "R,G,B",
      allChannels: "A,B,G,R",
      colorspace: "ACEScg",
    },
    rate: rate === null ? null : `${rate.num}/${rate.den}`,
  },
  timecode: timecodeAt(frame, rate ?? { num: 24, den: 1 }),
  contentHash: hashText(frame),
  isBlack: false,
  nonFiniteCount: 0,
  isNearlyBlack: false,
  thumbnailHash: hashText(-frame - 1),
})

export const hashText = (frame: number): string =>
  BigInt.asUintN(128, BigInt(frame) * 0x9e3779b97f4a7c15f39cc0605cedc835n + 1n)
    .toString(16)
    .padStart(32, "0")

export const cleanFrames = (first: number, count: number): FrameFacts[] =>
  Array.from({ length: count }, (_, at) => cleanFrame(first + at))
