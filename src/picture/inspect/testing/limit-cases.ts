import type { Box } from "../../../events/records.generated.ts"
import type { HeaderLimits } from "../../read/header/limits.ts"
import { exrFile, ints, type MadePart, string } from "../../read/header/testing/exr-file.ts"
import { type MadeTag, tiffFile } from "../../read/header/testing/tiff-file.ts"

/** Two files under one tight limit: one that just keeps it, and one that goes just beyond it. */
export type LimitCase = {
  readonly key: string
  readonly limits: Partial<HeaderLimits>
  readonly within: Uint8Array
  readonly beyond: Uint8Array
}

const [WIDTH, HEIGHT] = [64, 48]
const box = (width: number, height: number): Box => ({ xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 })

const exr = (part: Partial<MadePart>, flags = 0): Uint8Array =>
  exrFile({ flags, parts: [{ channels: ["B", "G", "R"], ...part }] })

const ofExr = (limits: Partial<HeaderLimits>, within: Partial<MadePart>, beyond: Partial<MadePart>): LimitCase => ({
  key: "a.exr",
  limits,
  within: exr(within),
  beyond: exr(beyond),
})

const noted = (lengthBytes: number): Partial<MadePart> => ({
  attributes: [string("note", "x".repeat(lengthBytes))],
})

const numbered = (count: number): Partial<MadePart> => ({
  attributes: Array.from({ length: count }, (_, index) => string(`note${index}`, "x")),
})

/** Lists of 12,000 bytes, none of them so long that a fact would cut it. */
const listed = (count: number): Partial<MadePart> => ({
  attributes: Array.from({ length: count }, (_, index) => [`list${index}`, "floatvector", new Uint8Array(12_000)]),
})

function parts(count: number): Uint8Array {
  const attributes = [string("type", "scanlineimage")]
  return exrFile({ flags: 0x1000, parts: Array.from({ length: count }, () => ({ channels: ["Y"], attributes })) })
}

const deep = (mostSamples: number): Uint8Array =>
  exr({ attributes: [string("type", "deepscanline"), ["maxSamplesPerPixel", "int", ints(mostSamples)]] }, 0x800)

const RGB_TAGS: readonly MadeTag[] = [
  [256, 4, [4]],
  [257, 4, [4]],
  [258, 3, [8, 8, 8]],
  [262, 3, [2]],
  [277, 3, [3]],
]

/** With StripOffsets, which `tiffFile` adds, six tags a directory. */
const tiff = (directories: number, more: readonly MadeTag[] = [], pixelBytes = 48): Uint8Array =>
  tiffFile({
    directories: Array.from({ length: directories }, () => ({
      tags: [...RGB_TAGS, ...more],
      pixels: new Uint8Array(pixelBytes),
    })),
  })

const ofTiff = (limits: Partial<HeaderLimits>, within: Uint8Array, beyond: Uint8Array): LimitCase => ({
  key: "a.tif",
  limits,
  within,
  beyond,
})

const software = (lengthBytes: number): readonly MadeTag[] => [[305, 2, "x".repeat(lengthBytes)]]
const curve = (count: number): readonly MadeTag[] => [[301, 3, Array.from({ length: count }, (_, index) => index)]]

export const LIMIT_CASES: Readonly<Record<keyof HeaderLimits, LimitCase>> = {
  headerBytes: ofExr({ headerBytes: 72 * 1024 }, listed(5), listed(7)),
  // The beginning of the file, and each directory behind pixels that nobody reads.
  stretches: ofTiff({ stretches: 3 }, tiff(2, [], 200_000), tiff(3, [], 200_000)),
  parts: { key: "a.exr", limits: { parts: 2 }, within: parts(2), beyond: parts(3) },
  directories: ofTiff({ directories: 2 }, tiff(2), tiff(3)),
  channelsPerPart: ofExr({ channelsPerPart: 3 }, {}, { channels: ["A", "B", "G", "R"] }),
  attributesPerPart: ofExr({ attributesPerPart: 9 }, numbered(1), numbered(2)),
  items: ofExr({ items: 12 }, numbered(1), numbered(2)),
  tagsPerDirectory: ofTiff({ tagsPerDirectory: 6 }, tiff(1), tiff(1, software(8))),
  valueBytes: ofExr({ valueBytes: 1000 }, noted(1000), noted(1001)),
  listItems: ofTiff({ listItems: 4 }, tiff(1, curve(4)), tiff(1, curve(5))),
  decodedBytes: ofTiff({ decodedBytes: 100 }, tiff(1, software(50)), tiff(1, software(100))),
  hexBytes: ofExr(
    { hexBytes: 8 },
    { attributes: [["odd", "ourtype", new Uint8Array(8)]] },
    { attributes: [["odd", "ourtype", new Uint8Array(9)]] },
  ),
  sidePixels: ofExr({ sidePixels: WIDTH }, {}, { dataWindow: box(WIDTH + 1, HEIGHT) }),
  areaPixels: ofExr({ areaPixels: WIDTH * HEIGHT }, {}, { dataWindow: box(WIDTH, HEIGHT + 1) }),
  dataOverDisplay: ofExr(
    { dataOverDisplay: 2, freeAreaPixels: 0 },
    { displayWindow: box(WIDTH, HEIGHT / 2) },
    { displayWindow: box(WIDTH, HEIGHT / 2 - 1) },
  ),
  freeAreaPixels: ofExr(
    { freeAreaPixels: WIDTH * HEIGHT, dataOverDisplay: 1 },
    { displayWindow: box(1, 1) },
    { displayWindow: box(1, 1), dataWindow: box(WIDTH, HEIGHT + 1) },
  ),
  pixelMemoryBytes: ofExr({ pixelMemoryBytes: WIDTH * HEIGHT * 3 * 2 }, {}, { channels: ["A", "B", "G", "R"] }),
  deepSamplesPerPixel: { key: "a.exr", limits: { deepSamplesPerPixel: 4 }, within: deep(4), beyond: deep(5) },
  pixelAspect: ofExr({ pixelAspect: [0.5, 2] }, { pixelAspect: 2 }, { pixelAspect: 2.25 }),
}
