import type { WrittenExr, WrittenPart } from "./written-exr.ts"

type Flat = Partial<Omit<WrittenPart, "channels">> & {
  readonly names?: readonly string[]
  readonly pixelType?: string
  readonly sampling?: number
}

/** A part whose sample number n of channel number c has the bits n + 1000 c; 24x40 pixels where nothing else is said. */
export function countingPart({
  names = ["B", "G", "R"],
  pixelType = "half",
  sampling = 1,
  ...rest
}: Flat): WrittenPart {
  const dataWindow = rest.dataWindow ?? { xMin: 0, yMin: 0, xMax: 23, yMax: 39 }
  const [width, height] = [dataWindow.xMax - dataWindow.xMin + 1, dataWindow.yMax - dataWindow.yMin + 1]
  const channels = names.map((name, index) => ({
    name,
    pixelType,
    xSampling: sampling,
    ySampling: sampling,
    samples: Uint32Array.from({ length: (width * height) / sampling ** 2 }, (_, at) => at + 1000 * index),
  }))
  return { channels, dataWindow, compression: rest.compression ?? "zip", tiles: rest.tiles ?? null }
}

/** One part, stored from the top down. */
export const single = (part: WrittenPart): WrittenExr => ({
  parts: [part],
  isMultiPart: false,
  order: (chunks) => Array.from({ length: chunks }, (_, index) => index),
})
