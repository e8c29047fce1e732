import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type EngineFixture, openEngineFixture } from "../engines/testing/engine-fixture.ts"
import { apply, type Vector } from "../read/colour/matrix.ts"
import { decoder, encoder } from "./curve.ts"
import { AP1_FROM_REC709, type InputTransform, isMatrix, KNOWN_SPACES } from "./known-spaces.ts"
import { floatsOf, floatTiff } from "./plain-tiff.ts"
import { CONFIG, layOutConfig } from "./testing/oracle.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
  await layOutConfig(fixture)
})
afterAll(() => fixture.close())

/** 9x9x9 samples from below black to above white. */
const SAMPLES = Float32Array.from({ length: 9 ** 3 * 3 }, (_, at) => {
  const point = Math.floor(at / 3)
  return -0.1 + 0.15 * (Math.floor(point / 9 ** (at % 3)) % 9)
})

async function byOcio(from: string, to: string): Promise<Float32Array> {
  await writeFile(join(fixture.folder, "codes.tif"), floatTiff({ width: 27, height: 27, samples: SAMPLES }))
  await fixture.oiiotool(
    ...["--colorconfig", CONFIG, "codes.tif", "--colorconvert", from, to],
    ...["-d", "float", "--compression", "none", "--scanline", "-o", "light.tif"],
  )
  return floatsOf(await readFile(join(fixture.folder, "light.tif")))?.samples ?? new Float32Array(0)
}

function ours({ curve, matrix }: InputTransform): number[] {
  const decode = curve === null ? (value: number) => value : decoder(curve)
  return Array.from({ length: SAMPLES.length / 3 }, (_, at) => {
    const light = [...SAMPLES.subarray(3 * at, 3 * at + 3)].map(decode) as unknown as Vector
    return isMatrix(matrix) ? apply(matrix, light) : light
  }).flat()
}

describe("known spaces", () => {
  it.each([...KNOWN_SPACES.keys()])("%s becomes linear Rec.709 as OpenColorIO has it", async (name) => {
    const theirs = await byOcio(name, "lin_rec709")
    const mine = ours(KNOWN_SPACES.get(name) as InputTransform)
    expect(theirs.length).toBe(mine.length)
    const brightest = (at: number): number => Math.max(...mine.slice(at - (at % 3), at - (at % 3) + 3).map(Math.abs))
    const off = mine.map((value, at) => Math.abs(value - (theirs[at] ?? 0)) / (1e-3 + brightest(at)))
    expect(Math.max(...off)).toBeLessThan(1e-4)
  })

  it("ACEScg is reached from linear Rec.709 as OpenColorIO has it", async () => {
    const theirs = await byOcio("lin_rec709", "ACEScg")
    const mine = ours({ curve: null, matrix: AP1_FROM_REC709 })
    expect(Math.max(...mine.map((value, at) => Math.abs(value - (theirs[at] ?? 0))))).toBeLessThan(1e-5)
  })

  it("every curve and its inverse cancel out", () => {
    for (const [name, { curve }] of KNOWN_SPACES) {
      if (curve === null) continue
      for (const code of [0.01, 0.05, 0.093, 0.2, 0.5, 0.9, 1]) {
        expect(encoder(curve)(decoder(curve)(code)), `${name} ${code}`).toBeCloseTo(code, 9)
      }
    }
  })
})
