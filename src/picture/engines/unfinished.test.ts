import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { headerOf } from "../samples/exr/testing/opened.ts"
import { PATTERN_CODES, patternArgs, shownPattern, worst } from "../testing/pattern.ts"
import { type EngineFixture, eachEngine } from "./testing/engine-fixture.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
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
