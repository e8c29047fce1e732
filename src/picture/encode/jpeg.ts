import type Sharp from "sharp"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { systemClock } from "../../system/clock.ts"
import type { OutputPlan } from "../engines/plan.ts"
import type { EncodedFrame } from "../model.ts"
import type { Encoder } from "./order.ts"

/** Loaded at the first picture: commands that make none do not pay for it. */
async function loadSharp(): Promise<Result<typeof Sharp>> {
  try {
    const { default: sharp } = await import("sharp")
    // One small picture after another: neither threads of its own nor a cache would help.
    sharp.concurrency(1)
    sharp.cache(false)
    return done(sharp)
  } catch (error) {
    return failed(classify(error))
  }
}

/** sharp says at length what to install where it does not find the library of this machine's kind. */
function classify(error: unknown): Failure {
  if (!(error instanceof Error) || !/sharp/i.test(error.message)) throw error
  const [line = ""] = error.message.split("\n")
  return failure("tool/missing", `The library that writes thumbnails cannot be loaded: ${line.trim()}`)
}

let loaded: ReturnType<typeof loadSharp> | null = null

/** Fails: tool/missing. */
export const sharpLibrary = (): ReturnType<typeof loadSharp> => {
  loaded ??= loadSharp()
  return loaded
}

/** Version of the library that writes the thumbnails. Fails: tool/missing. */
export async function libvipsVersion(): Promise<Result<string>> {
  const sharp = await sharpLibrary()
  return sharp.ok ? done(sharp.value.versions.vips) : sharp
}

/** JFIF 1.02 without a thumbnail of its own, square pixels: what marks a JPEG file, and libvips leaves out. */
const JFIF = Buffer.from([0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 2, 0, 0, 1, 0, 1, 0, 0])
const START_BYTES = 2

/** The stills that whoever decoded them has written already. */
export const JPEGS: Encoder = {
  ending: ".jpg",
  async encode({ frames: [frame] }) {
    if (frame?.kind !== "jpeg") throw new Error(`A JPEG cannot be made of ${frame?.kind}.`)
    return done({ toolVersions: {}, timedAs: null })
  },
  problem: (bytes, { output: { name, canvas } }) => jpegProblem(bytes, { what: name, ...canvas }),
}

/**
 * Encodes a canvas of red, green and blue in 8 bits, 4:2:0, as JFIF with a profile of sRGB and no other metadata: viewers
 * that manage colour take untagged pictures for whatever their display is. Fails: tool/missing.
 */
export async function jpegOf(
  canvas: Uint8Array<ArrayBuffer>,
  output: Pick<OutputPlan, "canvas">,
  quality: number,
): Promise<Result<EncodedFrame>> {
  const begunMs = systemClock.steadyMs()
  const sharp = await sharpLibrary()
  if (!sharp.ok) return sharp
  const jpeg = await sharp
    .value(canvas, { raw: { ...output.canvas, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: "4:2:0" })
    .withIccProfile("srgb")
    .toBuffer()
  const bytes = new Uint8Array(jpeg.length + JFIF.length)
  bytes.set(jpeg.subarray(0, START_BYTES))
  bytes.set(JFIF, START_BYTES)
  bytes.set(jpeg.subarray(START_BYTES), START_BYTES + JFIF.length)
  const timingsMs = { jpeg: systemClock.steadyMs() - begunMs }
  return done({ kind: "encoded", bytes, toolVersions: { libvips: sharp.value.versions.vips }, timingsMs })
}

/**
 * sRGB as an ICC profile of version 4, 480 bytes: "sRGB-v4" of Compact ICC Profiles, which its author dedicated to the
 * public (CC0), and which libvips embeds, too.
 */
export const SRGB_PROFILE: Uint8Array = Buffer.from(
  [
    "AAAB4GxjbXMEIAAAbW50clJHQiBYWVogB+IAAwAUAAkADgAdYWNzcE1TRlQAAAAAc2F3c2N0cmwAAAAAAAAAAAAAAAAAAPbWAAEAAAAA0y1oYW",
    "5keem/Vlo+AbaDI4VVRvdPqgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAKZGVzYwAAAPwAAAAkY3BydAAAASAAAAAid3RwdAAAAUQA",
    "AAAUY2hhZAAAAVgAAAAsclhZWgAAAYQAAAAUZ1hZWgAAAZgAAAAUYlhZWgAAAawAAAAUclRSQwAAAcAAAAAgZ1RSQwAAAcAAAAAgYlRSQwAAAc",
    "AAAAAgbWx1YwAAAAAAAAABAAAADGVuVVMAAAAIAAAAHABzAFIARwBCbWx1YwAAAAAAAAABAAAADGVuVVMAAAAGAAAAHABDAEMAMAAAWFlaIAAA",
    "AAAAAPbWAAEAAAAA0y1zZjMyAAAAAAABDD8AAAXd///zJgAAB5AAAP2S///7of///aIAAAPcAADAcVhZWiAAAAAAAABvoAAAOPIAAAOPWFlaIA",
    "AAAAAAAGKWAAC3iQAAGNpYWVogAAAAAAAAJKAAAA+FAAC2xHBhcmEAAAAAAAMAAAACZmkAAPKnAAANWQAAE9AAAApb",
  ].join(""),
  "base64",
)

type OrderedJpeg = { readonly what: string; readonly width: number; readonly height: number }

/** What is wrong with a written JPEG, null when it is what was ordered. */
export function jpegProblem(bytes: Uint8Array, ordered: OrderedJpeg): string | null {
  const jpeg = readWrittenJpeg(bytes)
  if (jpeg === null) return `No ${ordered.what} was written.`
  const { width, height, components } = jpeg
  if (width === ordered.width && height === ordered.height && components === 3) return null
  return `A ${ordered.what} of ${width}x${height} with ${components} components was written in place of ${ordered.width}x${ordered.height} with 3.`
}

export type WrittenJpeg = { readonly width: number; readonly height: number; readonly components: number }

/** Frame header of a JPEG (ISO 10918-1, B.2.2), null when there is none. */
export function readWrittenJpeg(file: Uint8Array): WrittenJpeg | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null
  let at = 2
  while (at + 10 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1)
    if (isFrameHeader(marker)) {
      return {
        height: bytes.readUInt16BE(at + 5),
        width: bytes.readUInt16BE(at + 7),
        components: bytes.readUInt8(at + 9),
      }
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return null
}

/** SOF0..SOF15, without DHT (C4), JPG (C8) and DAC (CC), which share their range. */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
