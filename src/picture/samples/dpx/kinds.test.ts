import { describe, expect, it } from "vitest"
import { dpxFile, type MadeField } from "../../read/header/testing/dpx-file.ts"
import { selectedPicture } from "../testing/whole.ts"
import { openDpxReader } from "./reader.ts"
import {
  ALL_RGB,
  code,
  codesOfRow,
  expectCodes,
  filled,
  HEIGHT,
  made,
  rows,
  shown,
  WIDTH,
} from "./testing/written-codes.ts"

describe("reference codes", () => {
  it.each([
    [8, 16, 235],
    [10, 64, 940],
    [12, 256, 3760],
    [16, 4096, 60160],
  ])("of %d bits, %d and %d, are black and white", (bits, low, high) => {
    const bytes = [low, Math.round((low + high) / 2), high, high + low].slice(0, 3)
    const pixels =
      bits === 8
        ? bytes
        : bytes.flatMap((one) => [
            (one * 2 ** (bits === 10 || bits === 12 ? 4 : 0)) >> 8,
            (one * (bits === 12 ? 16 : 1)) & 255,
          ])
    const packed = bits === 10 ? filled(bytes, false) : pixels
    const file = dpxFile({
      width: 1,
      height: 1,
      fields: [
        [803, "u8", bits],
        [784, "u32", low],
        [792, "u32", high],
      ],
      pixels: Uint8Array.from(packed),
    })
    const found = shown(file)
    expect(found.planes.map(([value]) => value)).toEqual([0, expect.closeTo(0.5, 2), 1])
    expect(found.reason).toContain(`Codes ${low} to ${high} are black to white.`)
  })

  it("of densities say nothing of the range", () => {
    const file = made(
      rows((codes) => filled(codes, false), 3),
      [
        [784, "u32", 95],
        [792, "u32", 685],
      ],
    )
    expectCodes(shown(file), ALL_RGB)
  })
})

describe("a DPX of luminance and chroma", () => {
  /** 8 bits, as ITU-R BT.709 codes them. */
  const coded = (r: number, g: number, b: number, [wr, wb] = [0.2126, 0.0722]): readonly number[] => {
    const y = wr * r + (1 - wr - wb) * g + wb * b
    const chroma = [(b - y) / (2 * (1 - wb)), (r - y) / (2 * (1 - wr))].map((one) => Math.round(128 + 224 * one))
    return [Math.round(16 + 219 * y), ...chroma]
  }
  const COLOURS = [
    [0.75, 0.25, 0.125],
    [0.1, 0.8, 0.3],
  ] as const
  const EIGHT: MadeField = [803, "u8", 8]

  it.each<readonly [number, (y: number, cb: number, cr: number) => readonly number[]]>([
    [102, (y, cb, cr) => [cb, y, cr]],
    [103, (y, cb, cr) => [cb, y, cr, 200]],
    [100, (y, cb, cr) => [cb, y, cr, y]],
    [101, (y, cb, cr) => [cb, y, 200, cr, y, 200]],
  ])("of descriptor %d becomes red, green and blue", (descriptor, pixel) => {
    const pairs = descriptor < 102
    const pixels = COLOURS.flatMap(([r, g, b]) => {
      const [y = 0, cb = 0, cr = 0] = coded(r, g, b)
      return [...new Array(pairs ? 2 : 4).fill(pixel(y, cb, cr)).flat()]
    })
    const file = dpxFile({
      width: 4,
      height: 2,
      fields: [EIGHT, [800, "u8", descriptor]],
      pixels: Uint8Array.from(pixels),
    })
    const { planes } = shown(file)
    COLOURS.forEach((colour, row) => {
      for (let x = 0; x < 4; x++)
        colour.forEach((value, c) => {
          expect(Math.abs((planes[c]?.[row * 4 + x] ?? 0) - value), `${x} ${c}`).toBeLessThan(0.01)
        })
    })
  })

  it("by BT.601, where the header says so", () => {
    const pixels = coded(0.75, 0.25, 0.125, [0.299, 0.114])
    const [y = 0, cb = 0, cr = 0] = pixels
    const file = dpxFile({
      width: 1,
      height: 1,
      fields: [EIGHT, [800, "u8", 102], [802, "u8", 7]],
      pixels: Uint8Array.from([cb, y, cr]),
    })
    const values = shown(file).planes.map(([value]) => value ?? 0)
    values.forEach((value, c) => {
      expect(Math.abs(value - ([0.75, 0.25, 0.125][c] ?? 9))).toBeLessThan(0.01)
    })
  })
})

describe("a DPX whose colours lie in image elements of their own", () => {
  it("is put together, each from its own offset", () => {
    const plane = (c: number): readonly number[] =>
      Array.from({ length: HEIGHT }, (_, y) =>
        filled(
          codesOfRow(y, 3, 10).filter((_, n) => n % 3 === c),
          true,
        ),
      ).flat()
    const planes = [plane(0), plane(1), plane(2)]
    const size = planes[0]?.length ?? 0
    const elements = [1, 2, 3].flatMap((descriptor, n): readonly MadeField[] => [
      [780 + 72 * n, "u32", 0],
      [800 + 72 * n, "u8", descriptor],
      [803 + 72 * n, "u8", 10],
      [804 + 72 * n, "u16", 1],
      [806 + 72 * n, "u16", 0],
      [808 + 72 * n, "u32", 2048 + n * size],
      [812 + 72 * n, "u32", 0],
    ])
    const found = shown(made(planes.flat(), [[770, "u16", 3], ...elements]))
    expectCodes(found, ALL_RGB)
    expect(found.reason).toContain("image elements 0, 1 and 2")
  })
})

describe("a run-length encoded DPX", () => {
  const RLE: MadeField = [806, "u16", 1]
  /** Runs of one pixel repeated where neighbours are equal, and of different pixels elsewhere. */
  function encoded(pixels: readonly (readonly number[])[]): readonly number[] {
    const out: number[] = []
    for (let at = 0; at < pixels.length; ) {
      const same = (n: number): boolean => pixels[n]?.join() === pixels[at]?.join()
      let end = at + 1
      while (end < pixels.length && same(end)) end += 1
      if (end - at > 1) out.push(2 * (end - at) + 1, ...(pixels[at] ?? []))
      else {
        while (end < pixels.length && pixels[end]?.join() !== pixels[end + 1]?.join()) end += 1
        out.push(2 * (end - at), ...pixels.slice(at, end).flat())
      }
      at = end
    }
    return out
  }
  const pixelsOf = (y: number, bits: number): readonly (readonly number[])[] =>
    Array.from({ length: WIDTH }, (_, x) => [0, 1, 2].map((c) => code(x < 6 ? 0 : x, y, c, bits)))
  const wanted = (c: number, bits: number): readonly number[] =>
    Array.from({ length: HEIGHT }, (_, y) => pixelsOf(y, bits).map((pixel) => pixel[c] ?? -1)).flat()

  it.each([
    [
      "8 bits, rows on words",
      8,
      (row: readonly number[]) => [...row, ...new Array((4 - (row.length % 4)) % 4).fill(0)],
    ],
    ["8 bits, rows one behind the other", 8, (row: readonly number[]) => row],
    ["10 bits, filled", 10, (row: readonly number[]) => filled(row, false)],
  ] as const)("of %s is unrolled", (_, bits, pack) => {
    const pixels = Array.from({ length: HEIGHT }, (_, y) => pack(encoded(pixelsOf(y, bits)))).flat()
    const { planes } = shown(made(pixels, [RLE, [803, "u8", bits]]))
    planes.forEach((plane, c) => {
      expect([...plane].map((value) => Math.round(value * (2 ** bits - 1)))).toEqual(wanted(c, bits))
    })
  })

  it.each([
    ["that ends in a run", [[2 * WIDTH + 1, 1, 2]]],
    ["with a run longer than its row", [[2 * (WIDTH + 1) + 1, 1, 2, 3, ...new Array(400).fill(1)]]],
    ["with an empty run", [[0, ...new Array(400).fill(0)]]],
  ])("%s is damaged", (_, [pixels = []]) => {
    const picture = selectedPicture(made(pixels, [RLE, [803, "u8", 8]]), "a.dpx", openDpxReader)
    expect(picture).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
  })
})

describe("a DPX of floats", () => {
  it.each([true, false])("has them as they are, little-endian %s", (littleEndian) => {
    const view = new DataView(new ArrayBuffer(12))
    ;[1.5, -0.25, 0.125].forEach((value, n) => {
      view.setFloat32(n * 4, value, littleEndian)
    })
    const fields: MadeField[] = [
      [803, "u8", 32],
      [804, "u16", 0],
    ]
    const file = dpxFile({ width: 1, height: 1, littleEndian, fields, pixels: new Uint8Array(view.buffer) })
    expect(shown(file).planes.map(([value]) => value)).toEqual([1.5, -0.25, 0.125])
  })
})
