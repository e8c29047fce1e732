import { expect, it } from "vitest"
import { firstBytes } from "../read/header/bytes.ts"
import { readHeader } from "../read/header/read.ts"
import { dpxFile, type MadeField } from "../read/header/testing/dpx-file.ts"
import { exrFile, ints, type MadePart } from "../read/header/testing/exr-file.ts"
import { type MadeTag, tiffFile } from "../read/header/testing/tiff-file.ts"
import { RECIPES } from "../recipes.ts"
import { routeOf } from "./own-readers.ts"

const RGB = ["B", "G", "R"]
const NAMES = ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k256", "htj2k32"]
const TILED = 0x200
const DEEP = 0x800

/** The way of a file without the native library, and with it. */
type Ways = readonly [without: string, native: string]

const wayOf = (bytes: Uint8Array, key: string, channels: readonly string[] = ["R", "G", "B"]): Ways => {
  const header = readHeader(firstBytes(bytes, bytes.length), key)
  if (header.kind !== "read") throw new Error(`${key} is not read: ${JSON.stringify(header)}`)
  const way = (hasLibrary: boolean): string => routeOf(header.value, { part: 0, channels }, hasLibrary).name
  return [way(false), way(true)]
}

const exr = (part: Partial<MadePart>, flags = 0, channels?: readonly string[]): Ways =>
  wayOf(exrFile({ flags, parts: [{ channels: RGB, ...part }] }), "a.exr", channels)

const tiff = (photometric: number, compression: number): Ways => {
  const tags: readonly MadeTag[] = [
    [256, 4, [1]],
    [257, 4, [1]],
    [258, 3, [8, 8, 8]],
    [259, 3, [compression]],
    [262, 3, [photometric]],
    [277, 3, [3]],
  ]
  return wayOf(tiffFile({ directories: [{ tags, pixels: new Uint8Array(3) }] }), "a.tif")
}

const tiles = (mode: number): Partial<MadePart> => ({
  compression: 3,
  attributes: [["tiles", "tiledesc", Uint8Array.of(...ints(16, 16), mode)]],
})

const dpx = (...fields: readonly MadeField[]): Ways => wayOf(dpxFile({ width: 2, height: 2, fields }), "a.dpx")

const CHROMA = [{ name: "BY", sampling: 2 }, { name: "RY", sampling: 2 }, "Y"]

const FILES: readonly Ways[] = [
  ...NAMES.map((_, compression) => exr({ compression })),
  exr(tiles(0), TILED),
  exr(tiles(1), TILED),
  exr(tiles(2), TILED),
  exr({ compression: 3, attributes: [["type", "string", new TextEncoder().encode("deepscanline")]] }, DEEP),
  ...[4, 6, 7, 8, 9].map((compression) => exr({ compression, channels: CHROMA }, 0, ["Y", "RY", "BY"])),
  exr({ compression: 6, channels: ["B", "G", "R", { name: "Z", sampling: 2 }] }),
  ...[8, 10, 12, 16].map((bits) => dpx([803, "u8", bits])),
  dpx([803, "u8", 32]),
  dpx([806, "u16", 1]),
  ...[1, 5, 7, 8, 34_925, 50_000].map((compression) => tiff(2, compression)),
  ...[3, 6].map((photometric) => tiff(photometric, 5)),
  tiff(8, 1),
]

/** Who changes a line here has changed the way of files: that engine's recipe gets another number. */
it("the header alone decides the way of a file, and the recipe's number stands for all ways together", () => {
  expect({ recipe: RECIPES.inProcess, ways: FILES.map(([without]) => without) }).toEqual({
    recipe: 6,
    ways: [
      ...["none", "rle", "zips", "zip", "piz"].map((name) => `in-process/exr-${name}`),
      ...["pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k256", "htj2k32"].map((name) => `converted/exr-${name}`),
      ...["in-process/exr-zip", "in-process/exr-zip-mipmap", "in-process/exr-zip-ripmap"],
      "converted/exr-deep-zip",
      ...["piz", "b44", "b44a", "dwaa", "dwab"].map((name) => `in-process/exr-${name}-chroma`),
      // What oiiotool cannot read, because a channel that is not shown is subsampled.
      "in-process/exr-b44",
      ...[8, 10, 12, 16].map((bits) => `in-process/dpx-uint${bits}`),
      ...["in-process/dpx-float32", "in-process/dpx-rle"],
      ...["none", "lzw", "jpeg", "zip", "lzma", "zstd", "lzw", "lzw", "none"].map((name) => `converted/tiff-${name}`),
    ],
  })
})

it("with the native library, every file is read in process but TIFFs of Lab", () => {
  const differs = FILES.filter(([without, native]) => without !== native).map(([, native]) => native)
  expect(FILES.filter(([, native]) => native.startsWith("converted"))).toEqual([
    ["converted/tiff-none", "converted/tiff-none"],
  ])
  expect(differs).toEqual([
    ...["pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k256", "htj2k32"].map((name) => `in-process/exr-${name}`),
    "in-process/exr-deep-zip",
    ...["none", "lzw", "jpeg", "zip", "lzma", "zstd", "lzw", "lzw"].map((name) => `in-process/tiff-${name}`),
  ])
})
