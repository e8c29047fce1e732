import type { SampleReader } from "../../samples/index.ts"
import type { PlainTiff } from "../plain-tiff.ts"

/** A reader over red, green and blue samples, pixel by pixel. */
export function interleavedReader({ width, height, samples }: PlainTiff<Float32Array>): SampleReader {
  const planes = [0, 1, 2].map(() => new Float32Array(width))
  return {
    width,
    height,
    readRows({ first, last }, visit) {
      for (let row = first; row <= last; row++) {
        planes.forEach((plane, channel) => {
          for (let x = 0; x < width; x++) plane[x] = samples[(row * width + x) * 3 + channel] ?? 0
        })
        visit(row, planes as unknown as Parameters<typeof visit>[1])
      }
      return { ok: true, value: undefined }
    },
  }
}
