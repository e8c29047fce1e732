import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type EngineFixture, openEngineFixture } from "../engines/testing/engine-fixture.ts"
import { createYuvWriter } from "./canvas.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())

type Colour = readonly [number, number, number]
type Picture = (x: number, y: number) => Colour

function written(width: number, height: number, picture: Picture): Uint8Array {
  const writer = createYuvWriter({ width, height }, { x: 0, y: 0, width, height })
  for (let y = 0; y < height; y++)
    writer.put(
      rowOf(width, (x) => picture(x, y)),
      y,
    )
  return writer.canvas()
}

function rowOf(width: number, colour: (x: number) => Colour): Float32Array<ArrayBuffer> {
  const colours = Array.from({ length: width }, (_, x) => colour(x))
  return Float32Array.from([0, 1, 2].flatMap((channel) => colours.map((one) => one[channel] ?? 0)))
}

/** What zscale makes of the same picture in 16 bits, without dithering; with more threads it has seams in its Cb. */
async function byZscale(width: number, height: number, picture: Picture): Promise<Uint8Array> {
  const words = Uint16Array.from({ length: width * height * 3 }, (_, at) => {
    const point = Math.floor(at / 3)
    return Math.round((picture(point % width, Math.floor(point / width))[at % 3] ?? 0) * 65_535)
  })
  await writeFile(join(fixture.folder, "rgb48"), words)
  await fixture.ffmpeg(
    ...[
      "-loglevel",
      "error",
      "-y",
      "-filter_threads",
      "1",
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb48le",
      "-s",
      `${width}x${height}`,
      "-i",
      "rgb48",
    ],
    "-vf",
    "zscale=rangein=full:range=limited:matrixin=gbr:matrix=709:primariesin=709:primaries=709:transferin=709:transfer=709:dither=none,format=yuv420p",
    ...["-f", "rawvideo", "yuv"],
  )
  return readFile(join(fixture.folder, "yuv"))
}

const flat =
  (...colour: Colour): Picture =>
  () =>
    colour

const PICTURES: readonly (readonly [string, Picture])[] = [
  ["a gradient", (x, y) => [x / 255, y / 127, (x + y) / 400]],
  [
    "noise",
    (x, y) => [0.5, 0.3, 0.7].map((v) => (Math.sin(x * 12.9898 * v + y * 78.233) + 1) / 2) as unknown as Colour,
  ],
  ["hard edges", (x, y) => [x % 7 < 3 ? 1 : 0, y % 5 < 2 ? 1 : 0, (x + y) % 11 < 4 ? 1 : 0]],
]

describe("yuv420p planes", () => {
  it.each(PICTURES)("%s is what zscale makes of it, but for roundings", async (_, picture) => {
    const [mine, theirs] = [written(256, 128, picture), await byZscale(256, 128, picture)]
    expect(mine.length).toBe(theirs.length)
    const off = Array.from(mine, (value, at) => Math.abs(value - (theirs[at] ?? 0)))
    expect(Math.max(...off)).toBeLessThanOrEqual(1)
    expect(off.filter((one) => one > 0).length).toBeLessThan(mine.length / 200)
  })

  it.each([
    ["black", flat(0, 0, 0), [16, 128, 128]],
    ["white", flat(1, 1, 1), [235, 128, 128]],
    ["the patch 192 64 32", flat(192 / 255, 64 / 255, 32 / 255), [92, 101, 186]],
    ["red", flat(1, 0, 0), [63, 102, 240]],
    ["blue", flat(0, 0, 1), [32, 240, 118]],
  ] as const)("%s has the codes of BT.709", (_, picture, codes) => {
    const planes = written(8, 4, picture)
    expect([...new Set(planes.subarray(0, 32))]).toEqual([codes[0]])
    expect([[...new Set(planes.subarray(32, 40))], [...new Set(planes.subarray(40))]]).toEqual([[codes[1]], [codes[2]]])
  })

  it("bars stay black beside a picture of any colour, and the picture is not darker for them", () => {
    const writer = createYuvWriter({ width: 16, height: 12 }, { x: 4, y: 2, width: 8, height: 6 })
    for (let y = 0; y < 6; y++)
      writer.put(
        rowOf(8, () => [1, 0, 0]),
        y,
      )
    const planes = writer.canvas()
    const codesAt = (x: number, y: number) => {
      const chroma = 192 + (y >> 1) * 8 + (x >> 1)
      return [planes[y * 16 + x], planes[chroma], planes[chroma + 48]].join()
    }
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 16; x++) {
        const isInside = x >= 4 && x < 12 && y >= 2 && y < 8
        expect(codesAt(x, y), `${x} ${y}`).toBe(isInside ? "63,102,240" : "16,128,128")
      }
    }
  })
})
