import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { tiffFile } from "../read/header/testing/tiff-file.ts"
import { headerOf } from "../samples/exr/testing/opened.ts"
import { DISPLAY_CODES, PATTERN_CODES, patternArgs, shownPattern, worst } from "../testing/pattern.ts"
import { type EngineFixture, eachEngine, openNamedEngine } from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const REPORTED = fileURLToPath(new URL("../testing/reported/", import.meta.url))

describeEach("a small file of a kind that was reported shows its pattern", () => {
  it.each([
    ["x_mip.exr", PATTERN_CODES],
    ["t01b_reduced_second.tif", DISPLAY_CODES],
    ["t07_tag_beyond.tif", DISPLAY_CODES],
    ["long8_2p53m1.tif", DISPLAY_CODES],
    ["e14_renderman_ci.exr", PATTERN_CODES],
    ["e42_part_name_data_word.exr", PATTERN_CODES],
  ])("%s", async (file, expected) => {
    const { codes } = await shownPattern(fixture, REPORTED + file)
    expect(worst(codes, expected)).toBeLessThanOrEqual(4)
  })
})

const named = (name: string): readonly string[] => ["--sattrib", "oiio:subimagename", name]
const dark = ["--pattern", "constant:color=0.9,0.9,0", "64x64", "3"]
const deep = ["--ch", "R,G,B,A=1.0,Z=1.0", "--deepen"]

/** As the file of a writer that ended before it wrote its offset tables. */
async function clearTables(file: string): Promise<void> {
  const path = join(fixture.folder, file)
  const bytes = await readFile(path)
  const header = headerOf(bytes) ?? expect.fail("the header is refused")
  const start = header.spans[0]?.lengthBytes ?? 0
  const chunks = header.parts.reduce((sum, part) => sum + (part.chunkCount ?? 0), 0)
  expect(bytes.readBigUInt64LE(start)).toBeGreaterThan(0n)
  await writeFile(path, bytes.fill(0, start, start + chunks * 8))
}

describeEach("an EXR whose offset tables were never written is shown", () => {
  it.each<[string, readonly string[]]>([
    ["lines.exr", [...patternArgs(), "-d", "half", "--compression", "zip", "-o"]],
    ["tiles.exr", [...patternArgs(), "-d", "half", "--tile", "16", "32", "-o"]],
    ["levels.exr", [...patternArgs(), "-d", "half", "-otex"]],
    ["parts.exr", [...dark, ...named("flow"), ...patternArgs(), ...named("beauty"), "--siappend", "-o"]],
    ["dwaa.exr", [...patternArgs(), "-d", "half", "--compression", "dwaa", "-o"]],
    ["deep.exr", [...patternArgs(), ...deep, "-o"]],
  ])("%s", async (file, args) => {
    await fixture.oiiotool(...args, file)
    await clearTables(file)
    expect(worst((await shownPattern(fixture, file)).codes, PATTERN_CODES)).toBeLessThanOrEqual(4)
  })
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
  ])("of TIFF that the tools are built without is named where there is no native library: %s", async (name, code) => {
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
    const without = await openNamedEngine(fixture.name, { nativeLibrary: null })
    if (!without.ok) throw new Error(without.failure.says)
    expect(await fixture.tryRender(sourceFile, read.value, {}, without.value)).toMatchObject({
      ok: false,
      failure: { code: "picture/unsupported", says: expect.stringContaining(`without ${name} compression`) },
    })
    // The library knows both: it says what is wrong with these bytes.
    if (fixture.name !== "in-process") return
    expect(await fixture.tryRender(sourceFile, read.value)).toMatchObject({ failure: { code: "picture/damaged" } })
  })
})
