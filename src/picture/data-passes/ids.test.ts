import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type EngineFixture, eachEngine, type Triple } from "../engines/testing/engine-fixture.ts"
import { boxOf } from "../engines/testing/readings.ts"
import { writtenExr } from "../samples/exr/testing/written-exr.ts"
import { falseColour } from "./ids.ts"
import { near, shownPass } from "./testing/shown-pass.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const shown = (file: string) => shownPass(fixture, file)

const bits = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0
const codes = (id: number): Triple => falseColour(id).map((value) => value * 255) as unknown as Triple

/** A file of 64x64 pixels, left half and right half of each channel with bits of their own. */
const halves = (
  channels: Readonly<Record<string, readonly [string, number, number]>>,
  compression = "none",
): Uint8Array =>
  writtenExr({
    parts: [
      {
        channels: Object.entries(channels)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, [pixelType, left, right]]) => ({
            ...{ name, pixelType, xSampling: 1, ySampling: 1 },
            samples: Uint32Array.from({ length: 64 * 64 }, (_, at) => (at % 64 < 32 ? left : right)),
          })),
        dataWindow: boxOf(64, 64),
        compression,
        tiles: null,
      },
    ],
    isMultiPart: false,
    order: (chunks) => Array.from({ length: chunks }, (_, index) => index),
  })

describeEach("ids alone", () => {
  it("have colours that every bit decides, the same from integers and floats", async () => {
    await writeFile(join(fixture.folder, "ids.exr"), halves({ id: ["uint", 0xfffffff0, 0xfffffff1] }, "zip"))
    const ids = await shown("ids.exr")
    near(ids.at(0.25, 0.5), codes(0xfffffff0), 6)
    near(ids.at(0.75, 0.5), codes(0xfffffff1), 6)
    await writeFile(join(fixture.folder, "floats.exr"), halves({ id: ["float", bits(12), 0] }))
    const floats = await shown("floats.exr")
    near(floats.at(0.25, 0.5), codes(12), 6)
    near(floats.at(0.75, 0.5), [0, 0, 0], 4)
  })

  it("of a cryptomatte are mixed by their coverage", async () => {
    const [one, other] = [0x3f123456, 0x40abcdef]
    const ranks = {
      "crypto00.R": ["float", one, other],
      "crypto00.G": ["float", bits(1), bits(0.75)],
      "crypto00.B": ["float", 0, one],
      "crypto00.A": ["float", 0, bits(0.25)],
    } as const
    await writeFile(join(fixture.folder, "crypto.exr"), halves(ranks, "zips"))
    const { at, says } = await shown("crypto.exr")
    near(at(0.25, 0.5), codes(one), 6)
    const mixed = codes(other).map((value, channel) => 0.75 * value + 0.25 * (codes(one)[channel] ?? 0))
    near(at(0.75, 0.5), mixed as unknown as Triple, 6)
    expect(says).toContain("each rank by its coverage")
  })
})

describeEach("colour in integers", () => {
  it.each([
    [200, 8],
    [1000, 10],
    [65_535, 16],
  ])("of which the largest is %i has white at %i bits", async (largest, depth) => {
    const channels = { R: ["uint", largest, 0], G: ["uint", 0, largest], B: ["uint", 0, 0] } as const
    await writeFile(join(fixture.folder, "integers.exr"), halves(channels))
    const { at, says } = await shown("integers.exr")
    const light = largest / (2 ** depth - 1)
    const code = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    near(at(0.25, 0.5), [code, 0, 0], 5)
    near(at(0.75, 0.5), [0, code, 0], 5)
    expect(says).toContain(`the largest of them ${largest}: ${2 ** depth - 1} (${depth} bits) is shown as white.`)
  })

  it("of all 32 bits is shown as before", async () => {
    const channels = { R: ["uint", 2 ** 31, 0], G: ["uint", 2 ** 31, 0], B: ["uint", 2 ** 31, 0] } as const
    await writeFile(join(fixture.folder, "whole.exr"), halves(channels))
    const { at, says, made } = await shown("whole.exr")
    near(at(0.25, 0.5), [188, 188, 188])
    expect(says).toContain("4294967295 (32 bits) is shown as white")
    expect(made.route).not.toContain("pass")
  })
})

describe("colours of ids", () => {
  it("differ where one bit does, are never dark, and never change", () => {
    const some = Array.from({ length: 4000 }, (_, id) => falseColour(id + 1).map((value) => Math.round(value * 255)))
    expect(new Set(some.map(String)).size).toBeGreaterThan(3900)
    expect(Math.min(...some.map((colour) => Math.max(...colour)))).toBeGreaterThan(160)
    expect(some.slice(0, 2)).toEqual([
      [75, 244, 57],
      [158, 174, 65],
    ])
    expect(falseColour(0)).toEqual([0, 0, 0])
  })
})
