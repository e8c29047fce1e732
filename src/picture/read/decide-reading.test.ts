import { describe, expect, it } from "vitest"
import type { Reading } from "../index.ts"
import { failureOf, outcomeOf, readingOf } from "../testing/readings.ts"
import { corpusBytes, corpusNames, hasCorpus } from "./header/testing/corpus.ts"
import { dpxFile } from "./header/testing/dpx-file.ts"
import { exrFile } from "./header/testing/exr-file.ts"
import { tiffFile } from "./header/testing/tiff-file.ts"

const exr = exrFile({ parts: [{ channels: ["R", "G", "B"] }] })
const dpx = dpxFile({ width: 8, height: 8 })
const tiff = tiffFile({
  directories: [
    {
      tags: [
        [256, 4, [2]],
        [257, 4, [2]],
        [258, 3, [8]],
        [262, 3, [1]],
      ],
      pixels: new Uint8Array(4),
    },
  ],
})

describe("the name and the bytes of a picture", () => {
  it.each([
    ["a.EXR", exr, "exr"],
    ["dir.with.dots/a.dpx", dpx, "dpx"],
    ["a.tif", tiff, "tiff"],
    ["a.TIFF", tiff, "tiff"],
  ])("agree in %s", (key, bytes, format) => {
    expect(readingOf(bytes, key).selection.format).toBe(format)
  })

  it.each<readonly [string, Uint8Array, string]>([
    ["renamed.exr", dpx, "picture/not-a-picture"],
    ["renamed.tif", exr, "picture/not-a-picture"],
    ["text.dpx", new TextEncoder().encode("hello, world"), "picture/not-a-picture"],
    ["short.exr", Uint8Array.of(0x76, 0x2f), "picture/not-a-picture"],
    ["empty.exr", new Uint8Array(0), "picture/empty"],
    ["a.png", exr, "picture/not-a-picture"],
    ["a.xyz", exr, "source/unsupported-type"],
    ["exr", exr, "source/unsupported-type"],
    ["a.exr/b", exr, "source/unsupported-type"],
  ])("disagree in %s", (key, bytes, code) => {
    expect(failureOf(bytes, key).code).toBe(code)
  })
})

const size = ({ selection: { displayWindow: box } }: Reading): string =>
  `${box.xMax - box.xMin + 1}x${box.yMax - box.yMin + 1}${box.xMin < 0 ? "" : "+"}${box.xMin}${box.yMin < 0 ? "" : "+"}${box.yMin}`

const read = (path: string): Reading => readingOf(corpusBytes(path), path)

describe.skipIf(!hasCorpus)("the pictures of the corpus (skipped where the corpus is absent)", () => {
  it.each([
    ["openexr-images/Beachball/multipart.0001.exr", "2048x1556+0+0", "zips", "R,G,B", "lin_rec709"],
    ["openexr-images/Beachball/singlepart.0001.exr", "2048x1556+0+0", "zips", "R,G,B", "lin_rec709"],
    ["openexr-images/Chromaticities/XYZ.exr", "610x406+0+0", "piz", "R,G,B", "lin_xyz_e"],
    ["openexr-images/Chromaticities/Rec709.exr", "610x406+0+0", "piz", "R,G,B", "lin_rec709"],
    ["openexr-images/DisplayWindow/t01.exr", "400x300+0+0", "piz", "R,G,B", "lin_rec709"],
    ["openexr-images/DisplayWindow/t13.exr", "101x101+399+299", "piz", "R,G,B", "lin_rec709"],
    ["openexr-images/DisplayWindow/t15.exr", "481x371-40-40", "piz", "R,G,B", "lin_rec709"],
    ["openexr-images/ScanLines/Carrots.exr", "600x400+0+0", "zip", "R,G,B", "ACES2065-1"],
    ["openexr-images/ScanLines/Cannon.exr", "780x566+0+0", "b44", "R,G,B", "lin_rec709"],
    ["openexr-images/ScanLines/MtTamWest.exr", "1214x732+0+0", "piz", "R,G,B", "lin_rec709"],
    ["openexr-images/TestImages/GrayRampsDiagonal.exr", "800x800+0+0", "pxr24", "Y,Y,Y", "lin_rec709"],
    ["openexr-images/TestImages/WideFloatRange.exr", "500x500+0+0", "pxr24", "G,G,G", "lin_rec709"],
    ["OpenImageIO-images/dpx/dpx_nuke_10bits_rgb.dpx", "512x512+0+0", "none", "R,G,B", "rec709_video"],
    ["OpenImageIO-images/libtiffpic/quad-tile.tif", "512x384+0+0", "lzw", "R,G,B", "srgb"],
    ["OpenImageIO-images/libtiffpic/depth/flower-rgb-contig-32.tif", "73x43+0+0", "none", "R,G,B", "srgb"],
  ])("read as what is known of them: %s", (...[path, window, compression, channels, space]) => {
    const reading = read(path)
    expect([size(reading), reading.selection.compression, reading.selection.channels.join()]).toEqual([
      window,
      compression,
      channels,
    ])
    expect(reading.colorspace.name).toBe(space)
  })

  it.each([1, 6, 8])("show the hero view, right, of both Beachballs of frame %d", (frame) => {
    for (const kind of ["multipart", "singlepart"])
      expect(read(`openexr-images/Beachball/${kind}.000${frame}.exr`).selection.view).toBe("right")
  })

  it("say the pixel aspect of t15 and t16", () => {
    expect(read("openexr-images/DisplayWindow/t15.exr").selection.pixelAspect).toBe(1.5)
    expect(read("openexr-images/DisplayWindow/t16.exr").selection.pixelAspect).toBeCloseTo(2 / 3, 6)
  })

  it("say of t09 to t12 alone that they are black because nothing lies in the display window", () => {
    const black = corpusNames("openexr-images/DisplayWindow").filter(
      (name) => name.endsWith(".exr") && read(`openexr-images/DisplayWindow/${name}`).warnings.join().includes("black"),
    )
    expect(black).toEqual(["t09.exr", "t10.exr", "t11.exr", "t12.exr"])
  })

  it.each(["Rec709_YC.exr", "XYZ_YC.exr"])("refuse the subsampled %s", (name) => {
    const failure = failureOf(corpusBytes(`openexr-images/Chromaticities/${name}`), name)
    expect(failure).toMatchObject({ code: "picture/unsupported", says: expect.stringContaining("subsampled") })
  })

  it.each(corpusNames("openexr-images/Damaged"))("end in a reading or a typed failure: %s", (name) => {
    const outcome = outcomeOf(corpusBytes(`openexr-images/Damaged/${name}`), `${name}.exr`)
    expect(["read", "failed"]).toContain(outcome.kind)
    if (outcome.kind === "failed")
      expect(outcome.failure).toMatchObject({ kind: "permanent", says: expect.stringMatching(/\.$/) })
  })
})
