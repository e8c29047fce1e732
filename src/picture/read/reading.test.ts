import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import type { Reading } from "../model.ts"
import { failureOf, outcomeOf, readingOf } from "../testing/readings.ts"
import { bytesInMemory } from "./header/bytes.ts"
import { DEFAULT_LIMITS } from "./header/limits.ts"
import { readHeader } from "./header/read.ts"
import { corpusBytes, corpusNames, hasCorpus } from "./header/testing/corpus.ts"
import { dpxFile } from "./header/testing/dpx-file.ts"
import { exrFile, string } from "./header/testing/exr-file.ts"
import { type MadeTag, tiffFile } from "./header/testing/tiff-file.ts"
import { readLocalHeader, readLocalPicture } from "./reading.ts"

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

const folder = mkdtempSync(join(tmpdir(), "read-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const written = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const readLocal = (sourceFile: string, key: string) =>
  readLocalPicture(
    { sourceFile, key, statedSpace: null, colour: { inputSpace: null, look: "un-tone-mapped", cameraTokens: false } },
    "fedcba9876543210",
  )

describe("the header of a local file", () => {
  it("is read under the object's key, whatever the file is called", async () => {
    const path = written("a.tif", exrFile({ parts: [{ channels: ["R", "G", "B"] }] }))
    expect(await readLocal(path, "renders/a b #1%.exr")).toMatchObject({
      ok: true,
      value: { selection: { format: "exr" }, colorspace: { configHash: "fedcba9876543210" } },
    })
  })

  it("is read to its end where it is longer than the first bytes", async () => {
    const attributes = Array.from({ length: 40 }, (_, n) => string(`comment${n}`, "x".repeat(60_000)))
    const path = written("a.exr", exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }))
    expect(await readLocal(path, "a.exr")).toMatchObject({ ok: true })
  })

  it("is given up where it is longer than the limit", async () => {
    const attributes = Array.from({ length: 40 }, (_, n) => string(`comment${n}`, "x".repeat(60_000)))
    const path = written("a.exr", exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }))
    const limits = { ...DEFAULT_LIMITS, headerBytes: 500_000 }
    const outcome = await readLocalHeader(path, (file) => readHeader(file, "a.exr", limits), limits)
    expect(outcome).toMatchObject({ ok: false, failure: { code: "picture/over-limit", kind: "permanent" } })
  })

  it("at the end of a large file is found without reading what lies before it", async () => {
    const tags: readonly MadeTag[] = [
      [256, 4, [4096]],
      [257, 4, [2160]],
      [258, 3, [8, 8, 8]],
      [262, 3, [2]],
      [277, 3, [3]],
      [305, 2, "a writer that puts its tags last"],
    ]
    const path = written("a.tif", tiffFile({ directories: [{ tags, pixels: new Uint8Array(4096 * 2160 * 3) }] }))
    let held = 0
    const outcome = await readLocalHeader(path, (file) => {
      held = bytesInMemory(file)
      return readHeader(file, "a.tif")
    })
    expect(outcome).toMatchObject({ ok: true, value: { parts: [{ displayWindow: { xMax: 4095, yMax: 2159 } }] } })
    expect(held).toBeLessThanOrEqual(128 * 1024)
  })

  it("of an empty file is a failure of its own", async () => {
    expect(await readLocal(written("a.exr", new Uint8Array(0)), "a.exr")).toMatchObject({
      ok: false,
      failure: { code: "picture/empty" },
    })
  })

  it("of a missing file or a folder is a value, not a rejection", async () => {
    expect(await readLocal(join(folder, "gone.exr"), "gone.exr")).toMatchObject({
      ok: false,
      failure: { code: "source/gone" },
    })
    expect(await readLocal(folder, "folder.exr")).toMatchObject({
      ok: false,
      failure: { code: "picture/not-a-picture" },
    })
  })

  it("of a file that shrinks while it is read is a change of the source", async () => {
    const attributes = [string("comment", "x".repeat(200_000))]
    const path = written("a.exr", exrFile({ parts: [{ channels: ["R", "G", "B"], attributes }] }))
    const outcome = await readLocalHeader(path, (file) => {
      truncateSync(path, 70_000)
      return readHeader(file, "a.exr")
    })
    expect(outcome).toMatchObject({ ok: false, failure: { code: "source/changed", kind: "transient" } })
  })
})
