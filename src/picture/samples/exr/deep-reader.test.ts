import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type EngineFixture, openEngineFixture } from "../../engines/testing/engine-fixture.ts"
import { openDeepReader } from "./deep-reader.ts"
import { headerOf, memoryBytes } from "./testing/opened.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())

/** Two flat layers of deep samples, merged: the nearer one lets half of the farther one through. */
const layer = (colour: string): readonly string[] => ["--pattern", `constant:color=${colour}`, "8x6", "5"]
const deep = [
  ...[...layer("0.1,0.2,0.3,0.5,2"), "--chnames", "R,G,B,A,Z", "--deepen"],
  ...[...layer("0.4,0.8,0.6,1,5"), "--chnames", "R,G,B,A,Z", "--deepen", "--deepmerge"],
]

const pixelOf = (file: Uint8Array): unknown => {
  const header = headerOf(file) ?? expect.fail("the header is refused")
  const reader = openDeepReader(memoryBytes(file), header, { part: 0, channels: ["R", "G", "B"] })
  if (!reader.ok) return reader.failure.code
  const seen: number[][] = []
  const read = reader.value.readRows({ first: 0, last: 5 }, (_, row) =>
    seen.push(row.map((plane) => plane[7] as number)),
  )
  return read.ok ? seen : read.failure.code
}

describe("deep scan lines", () => {
  it.each(["none", "rle", "zips"])("packed as %s are flattened, the nearest sample first", async (compression) => {
    await fixture.oiiotool(...deep, "--compression", compression, "-o", "deep.exr")
    const pixel = [0.3, 0.6, 0.6].map((value) => expect.closeTo(value, 3))
    expect(pixelOf(await readFile(join(fixture.folder, "deep.exr")))).toEqual(Array.from({ length: 6 }, () => pixel))
  })

  it("that are cut or contradict themselves are damaged, and end", async () => {
    await fixture.oiiotool(...deep, "--compression", "none", "-o", "deep.exr")
    const file = await readFile(join(fixture.folder, "deep.exr"))
    for (let at = (headerOf(file)?.spans[0]?.lengthBytes ?? 0) + 6 * 8; at < file.length; at += 3) {
      const broken = Uint8Array.from(file)
      broken[at] = (broken[at] ?? 0) ^ 0xff
      const result = pixelOf(broken)
      if (typeof result === "string") expect(result).toBe("picture/damaged")
    }
    expect(pixelOf(file.subarray(0, -9))).toBe("picture/damaged")
  })
})
