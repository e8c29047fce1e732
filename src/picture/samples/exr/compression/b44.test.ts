import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import type { Channel } from "../../../../events/records.generated.ts"
import { exrFile, ints, joined } from "../../../read/header/testing/exr-file.ts"
import { hasDecoder } from "../../../testing/decoder.ts"
import { chunkLayout } from "../chunks/layout.ts"
import { headerOf } from "../testing/opened.ts"
import { differences, planesOf, toolPlanes } from "../testing/tool-planes.ts"
import { openB44 } from "./b44.ts"

const OIIOTOOL = fileURLToPath(new URL("../../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))
const B44 = 6

function allPlanes(file: Uint8Array): readonly Float32Array[] {
  const header = headerOf(file) ?? expect.fail("the header is refused")
  const channels = header.parts[0]?.channels.map(({ name }) => name) ?? []
  return planesOf(file, header, { part: 0, channels })
}

const half = (name: string, perceptuallyLinear = false): Channel => ({
  name,
  pixelType: "half",
  xSampling: 1,
  ySampling: 1,
  perceptuallyLinear,
})

const box = (width: number, height: number) => ({ xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 })

/** The words of a chunk of one channel Y. */
function unpacked(chunk: readonly number[], width = 4, height = 4): readonly number[] | null {
  const bytes = openB44()(Uint8Array.from(chunk), chunkLayout([half("Y")], box(width, height)))
  return bytes === null ? null : [...new Uint16Array(bytes.slice().buffer)]
}

/** A block from 1.0 on, without a shift; its differences are -32, -31 and so on up to -18, stored as 0 to 14. */
const RISING = [0xbc, 0x00, 0x00, 0x00, 0x42, 0x0c, 0x41, 0x46, 0x1c, 0x82, 0x4a, 0x2c, 0xc3, 0x4e]

describe("a B44 block", () => {
  it("has a first value, then differences down the first column and across the others", () => {
    const d = Array.from({ length: 15 }, (_, index) => index - 32)
    const columns = [[0x3c00, 0, 0, 0], ...Array.from({ length: 3 }, () => [0, 0, 0, 0])]
    const at = (column: number, row: number): number => columns[column]?.[row] ?? Number.NaN
    for (const row of [1, 2, 3]) columns[0]?.splice(row, 1, at(0, row - 1) + (d[row - 1] ?? 0))
    for (const column of [1, 2, 3])
      for (const row of [0, 1, 2, 3])
        columns[column]?.splice(row, 1, at(column - 1, row) + (d[column * 4 - 1 + row] ?? 0))
    expect(unpacked(RISING)).toEqual(Array.from({ length: 16 }, (_, n) => at(n % 4, n >> 2)))
  })

  it("has differences in steps of a power of two, up to 4096", () => {
    const [first, ...rest] = [2, 12].map((shift) => unpacked(RISING.map((byte, n) => (n === 2 ? shift << 2 : byte))))
    expect(first?.[4]).toBe(0x3c00 - 32 * 4)
    // -32 times 4096 is twice round the 16 bits.
    expect(rest[0]?.[4]).toBe(0x3c00)
  })

  it("of three bytes is one value, positive, zero or negative", () => {
    expect(unpacked([0xbc, 0x00, 0xfc])).toEqual(new Array(16).fill(0x3c00))
    expect(unpacked([0x80, 0x00, 13 << 2])).toEqual(new Array(16).fill(0))
    expect(unpacked([0x43, 0xff, 0xfc])).toEqual(new Array(16).fill(0xbc00))
  })

  it("of a perceptually linear channel holds exponentials of eighths", () => {
    const layout = chunkLayout([half("Y", true)], box(1, 1))
    const open = openB44()
    const unpackedFlat = (ordered: number): number | undefined => {
      const bytes = open(Uint8Array.of(ordered >> 8, ordered, 0xfc), layout)
      return bytes === null ? undefined : new Uint16Array(bytes.slice().buffer)[0]
    }
    // 1, e and -1: eight times their logarithms are 0, 8 and nothing.
    expect([0xbc00, 0xc170, 0x43ff].map(unpackedFlat)).toEqual([0, 0x4800, 0])
  })

  it("reaches over the edges of its channel, and nothing of that is kept", () => {
    expect(unpacked(RISING, 3, 2)).toEqual([0, 1, 2, 4, 5, 6].map((n) => unpacked(RISING)?.[n]))
    expect(unpacked([...RISING, 0xbc, 0, 0xfc], 5, 1)?.at(4)).toBe(0x3c00)
  })

  it("that is missing, cut off or one too many makes the chunk damaged", () => {
    expect(unpacked(RISING.slice(0, 13))).toBeNull()
    expect(unpacked(RISING.slice(0, 2))).toBeNull()
    expect(unpacked(RISING, 5)).toBeNull()
    expect(unpacked([...RISING, 0])).toBeNull()
    expect(unpacked([])).toBeNull()
  })

  it("is not unpacked where so many could not be in the chunk, whatever room they would take", () => {
    const chunk = new Array(3000).fill(0xfc)
    expect(unpacked(chunk, 100_000, 100_000)).toBeNull()
  })
})

const folder = mkdtempSync(join(tmpdir(), "b44-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** 1024x1024, each block one value: all that 16 bits can be, twice, once of a perceptually linear channel. */
function everyValue(): Uint8Array {
  const blocks = (from: number): Uint8Array =>
    Uint8Array.from(
      { length: 8 * 256 * 3 },
      (_, n) => [(from + Math.floor(n / 3)) >> 8, from + Math.floor(n / 3), 0xfc][n % 3] ?? 0,
    )
  const chunks = Array.from({ length: 32 }, (_, index) => {
    const bytes = blocks(index * 8 * 256)
    return joined([ints(index * 32, bytes.length * 2), bytes, bytes])
  })
  const entry = (name: string, linear: number) =>
    joined([new TextEncoder().encode(`${name}\0`), ints(1), Uint8Array.of(linear, 0, 0, 0), ints(1, 1)])
  const list = joined([entry("A", 0), entry("Y", 1), Uint8Array.of(0)])
  const window = box(1024, 1024)
  const parts = [
    {
      channels: [],
      dataWindow: window,
      displayWindow: window,
      compression: B44,
      attributes: [["channels", "chlist", list] as const],
    },
  ]
  const header = exrFile({ parts, tailBytes: 0 })
  const table = new DataView(new ArrayBuffer(chunks.length * 8))
  let at = header.length + table.byteLength
  for (const [index, chunk] of chunks.entries()) {
    table.setBigUint64(index * 8, BigInt(at), true)
    at += chunk.length
  }
  return joined([header, new Uint8Array(table.buffer), ...chunks])
}

describe.skipIf(!hasDecoder)("B44 beside oiiotool (skipped where it is not installed)", () => {
  it("gives every value that a block can have, perceptually linear or not", () => {
    const [file, path] = [everyValue(), join(folder, "every.exr")]
    writeFileSync(path, file)
    const asked = { part: 0, channels: ["A", "Y"] }
    const header = headerOf(file) ?? expect.fail("the header is refused")
    expect(differences(planesOf(file, header, asked), toolPlanes(path, asked))).toEqual([0, 0])
  })

  it.each(["b44", "b44a"])("gives the numbers that it reads of R, G, B in %s", (compression) => {
    const path = join(folder, `${compression}.exr`)
    const noise = ["--pattern", "noise:type=gaussian:mean=0.2:stddev=2:seed=3", "71x75", "3", "-d", "half"]
    const flat = ["--fill:color=0.5,-1,8", "30x30+11+9"]
    const run = spawnSync(OIIOTOOL, [...noise, ...flat, "--compression", compression, "-o", path], { timeout: 60_000 })
    expect(run.status).toBe(0)
    const ours = allPlanes(Uint8Array.from(readFileSync(path)))
    expect(ours[0]?.length).toBe(71 * 75)
    expect(differences(ours, toolPlanes(path, { part: 0, channels: ["B", "G", "R"] }))).toEqual([0, 0, 0])
  })
})
