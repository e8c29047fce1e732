import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { tiffFile } from "../read/header/testing/tiff-file.ts"
import { PATTERN_CODES, patternArgs, shownPattern, worst } from "../testing/pattern.ts"
import { type EngineFixture, eachEngine } from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

/** What the header says after the attribute's name, type and size. */
const compressionByte = (exr: Buffer): number | undefined =>
  exr[exr.indexOf("compression\0compression\0") + "compression\0compression\0".length + 4]

describeEach("a compression of late", () => {
  it.each([
    ["htj2k256", 10],
    ["htj2k32", 11],
    ["lj2k", 12],
    ["zstd", 13],
  ])("of EXR is read: %s", async (name, byte) => {
    const file = join(fixture.folder, `${name}.exr`)
    await fixture.oiiotool(...patternArgs(), "-d", "half", "--compression", name, "-o", file)
    expect(compressionByte(await readFile(file))).toBe(byte)
    const { codes, reading } = await shownPattern(fixture, file)
    expect(reading.selection.compression).toBe(name)
    expect(worst(codes, PATTERN_CODES)).toBeLessThanOrEqual(4)
  })

  it.each([
    ["ZSTD", 50_000],
    ["LZMA", 34_925],
  ])("of TIFF that the tools are built without is named: %s", async (name, code) => {
    const directory = {
      tags: [
        [256, 4, [16]],
        [257, 4, [16]],
        [258, 3, [8, 8, 8]],
        [259, 3, [code]],
        [262, 3, [2]],
        [277, 3, [3]],
        [278, 4, [16]],
        [279, 4, [100]],
      ] as const,
      pixels: new Uint8Array(100),
    }
    const sourceFile = join(fixture.folder, "late.tif")
    await writeFile(sourceFile, tiffFile({ directories: [directory] }))
    const read = await fixture.engine.read({ sourceFile, key: "late.tif", statedSpace: null, colour: SETTINGS.colour })
    if (!read.ok) throw new Error(read.failure.says)
    expect(await fixture.tryRender(sourceFile, read.value)).toMatchObject({
      ok: false,
      failure: { code: "picture/unsupported", says: expect.stringContaining(`without ${name} compression`) },
    })
  })
})
