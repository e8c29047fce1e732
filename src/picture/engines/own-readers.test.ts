import { expect, it } from "vitest"
import { firstBytes } from "../read/header/bytes.ts"
import { readHeader } from "../read/header/read.ts"
import { dpxFile, type MadeField } from "../read/header/testing/dpx-file.ts"
import { exrFile, ints, type MadePart } from "../read/header/testing/exr-file.ts"
import { RECIPES } from "../recipes.ts"
import { routeOf } from "./own-readers.ts"

const RGB = ["B", "G", "R"]
const NAMES = ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab", "htj2k256", "htj2k32"]
const TILED = 0x200
const DEEP = 0x800

const wayOf = (bytes: Uint8Array, key: string, channels: readonly string[] = ["R", "G", "B"]): string => {
  const header = readHeader(firstBytes(bytes, bytes.length), key)
  if (header.kind !== "read") throw new Error(`${key} is not read: ${JSON.stringify(header)}`)
  return routeOf(header.value, { part: 0, channels }).name
}

const exr = (part: Partial<MadePart>, flags = 0, channels?: readonly string[]): string =>
  wayOf(exrFile({ flags, parts: [{ channels: RGB, ...part }] }), "a.exr", channels)

const tiles = (mode: number): Partial<MadePart> => ({
  compression: 3,
  attributes: [["tiles", "tiledesc", Uint8Array.of(...ints(16, 16), mode)]],
})

const dpx = (...fields: readonly MadeField[]): string => wayOf(dpxFile({ width: 2, height: 2, fields }), "a.dpx")

const CHROMA = [{ name: "BY", sampling: 2 }, { name: "RY", sampling: 2 }, "Y"]

/** Who changes a line here has changed the way of files: that engine's recipe gets another number. */
it("the header alone decides the way of a file, and the recipe's number stands for all ways together", () => {
  expect({
    recipe: RECIPES.inProcess,
    ways: [
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
    ],
  }).toEqual({
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
    ],
  })
})
