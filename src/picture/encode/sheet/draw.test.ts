import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import sharp from "sharp"
import { afterAll, describe, expect, it } from "vitest"
import { failureOf, unwrap } from "../../../events/testing/results.ts"
import { libraryPath, loadNativeLibrary, type NativeLibrary } from "../../native/library.ts"
import { packageFolder } from "../../tools/find-tool.ts"
import { drawSheet, drawStill } from "./draw.ts"
import type { DrawnSheet, StoredThumbnail, Thumbnail } from "./order.ts"
import { cornerOf, planSheet, type SheetPlan } from "./plan.ts"

const everyOne = (count: number) => Int32Array.from({ length: count }, (_, at) => at)

const planned = (shown: Int32Array, count: number, cell = { width: 178, height: 100 }): SheetPlan => {
  const plan = planSheet(shown, count, cell)
  if (plan === null) throw new Error("Nothing to show.")
  return plan
}

/** A thumbnail of 256x256: the picture in one colour, 256x144, between black bars. */
const thumbnailOf = (colour: { r: number; g: number; b: number }): Promise<Buffer> =>
  sharp({ create: { width: 256, height: 144, channels: 3, background: colour } })
    .extend({ top: 56, bottom: 56, background: "#000" })
    .jpeg({ quality: 90 })
    .toBuffer()

const colourOf = (picture: number) => ({
  r: (picture * 47) % 256,
  g: (picture * 101) % 256,
  b: 255 - ((picture * 31) % 256),
})

const folder = mkdtempSync(join(tmpdir(), "draw-"))
afterAll(() => rmSync(folder, { recursive: true }))

const LETTERBOX: Thumbnail = { width: 256, height: 256, picture: { x: 0, y: 56, width: 256, height: 144 } }

/** Draws the sheet of thumbnails that stand in a file, one for each cell; null for none. */
async function drawnBy(
  library: NativeLibrary | null,
  plan: SheetPlan,
  files: readonly (Uint8Array | null)[],
  described: Thumbnail = LETTERBOX,
): Promise<DrawnSheet> {
  const file = join(folder, crypto.randomUUID())
  const cells: (StoredThumbnail | null)[] = []
  let offset = 0
  for (const bytes of files) {
    cells.push(bytes === null ? null : { ...described, offset, sizeBytes: bytes.length })
    offset += bytes?.length ?? 0
  }
  writeFileSync(file, Buffer.concat(files.map((bytes) => bytes ?? Buffer.alloc(0))))
  return unwrap(await drawSheet({ plan, file, cells, quality: 85 }, library))
}

const coloured = (count: number): Promise<readonly Buffer[]> =>
  Promise.all([...everyOne(count)].map((picture) => thumbnailOf(colourOf(picture))))

const blackIn = ({ looks }: DrawnSheet): readonly number[] => [...looks.keys()].filter((at) => looks[at] === null)

/**
 * Colour of each cell of a sheet: its mean, and how far the pixels of its inside are from each other. A JPEG's blocks of 16
 * pixels reach over its edges.
 */
async function cellsOf(jpeg: Uint8Array, plan: SheetPlan) {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
  expect(info).toMatchObject({ width: plan.width, height: plan.height, channels: 3 })
  return Array.from(plan.pictures, (_, at) => {
    const { x: left, y: top } = cornerOf(plan, at)
    const [sums, least, most] = [
      [0, 0, 0],
      [255, 255, 255],
      [0, 0, 0],
    ]
    const [columns, rows] = [plan.cell.width - 32, plan.cell.height - 32]
    for (let y = top + 16; y < top + 16 + rows; y++) {
      for (let at = (y * info.width + left + 16) * 3; at < (y * info.width + left + 16 + columns) * 3; at++) {
        const [channel, value] = [at % 3, data[at] ?? 0]
        sums[channel] = (sums[channel] ?? 0) + value
        least[channel] = Math.min(least[channel] ?? 0, value)
        most[channel] = Math.max(most[channel] ?? 0, value)
      }
    }
    const [r = 0, g = 0, b = 0] = sums.map((sum) => sum / (columns * rows))
    return { r, g, b, spread: Math.max(...most.map((value, channel) => value - (least[channel] ?? 0))) }
  })
}

const expectColours = (
  cells: Awaited<ReturnType<typeof cellsOf>>,
  expected: readonly { r: number; g: number; b: number }[],
) => {
  expect(cells).toHaveLength(expected.length)
  for (const [at, { r, g, b, spread }] of cells.entries()) {
    const { r: red = -1, g: green = -1, b: blue = -1 } = expected[at] ?? {}
    expect(Math.max(Math.abs(r - red), Math.abs(g - green), Math.abs(b - blue), spread)).toBeLessThan(8)
  }
}

const NOTHING = { r: 0, g: 0, b: 0 }

const NATIVE = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))

describe.each(["sharp", "the native library"])("a sheet drawn by %s", (by) => {
  const drawn = (...of: Parameters<typeof drawnBy> extends [unknown, ...infer Rest] ? Rest : never) =>
    drawnBy(by === "sharp" ? null : NATIVE, ...of)

  it("shows in each cell its picture, without the bars of its thumbnail, and black for black", async () => {
    const shown = Int32Array.of(...everyOne(23), 23)
    const plan = planned(shown, 23)
    const sheet = await drawn(plan, [...(await coloured(23)), null])
    const expected = [...everyOne(23)].map(colourOf)
    expectColours(await cellsOf(sheet.jpeg, plan), [...expected, NOTHING])
    expect(blackIn(sheet)).toEqual([23])
    const seen = colourOf(7)
    expect(sheet.looks[7]?.peak).toBeGreaterThan(Math.max(seen.r, seen.g, seen.b) - 8)
    expect(sheet.looks[7]?.peak).toBeLessThan(Math.max(seen.r, seen.g, seen.b) + 8)
    expect(new Set(sheet.looks.map((look) => look?.hash)).size).toBe(24)
  })

  it("keeps the shape of a picture that is of another one than the rest", async () => {
    const plan = planned(everyOne(1), 1)
    const tall = { ...LETTERBOX, picture: { x: 100, y: 56, width: 72, height: 144 } }
    const { jpeg } = await drawn(plan, await coloured(1), tall)
    const { data } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
    const at = (x: number) => data.subarray((50 * plan.width + x) * 3, (50 * plan.width + x) * 3 + 3)
    expect(Math.max(...at(20), ...at(158))).toBeLessThan(8)
    expect(Math.max(...at(89))).toBeGreaterThan(200)
  })

  it("leaves black, and names, what is missing, or is no thumbnail", async () => {
    const good = await thumbnailOf(colourOf(0))
    const files = [
      good,
      null,
      Buffer.from("no picture"),
      good.subarray(0, good.length / 2),
      await sharp(good).resize(128, 128).jpeg().toBuffer(),
      await sharp(good).png().toBuffer(),
      new Uint8Array(),
    ]
    const plan = planned(everyOne(files.length), files.length)
    const sheet = await drawn(plan, files)
    expect(blackIn(sheet)).toEqual([1, 2, 3, 4, 5, 6])
    expectColours(await cellsOf(sheet.jpeg, plan), [colourOf(0), ...Array(6).fill(NOTHING)])
    const outside = { ...LETTERBOX, picture: { x: 0, y: 200, width: 256, height: 144 } }
    expect(blackIn(await drawn(planned(everyOne(1), 1), [good], outside))).toEqual([0])
  })

  it("shows code values as they are, whatever profile a thumbnail has", async () => {
    const plan = planned(everyOne(1), 1)
    const wide = await sharp(await thumbnailOf(colourOf(3)))
      .withIccProfile("p3", { attach: true })
      .jpeg({ quality: 95 })
      .toBuffer()
    const { data } = await sharp(wide, { ignoreIcc: true }).raw().toBuffer({ resolveWithObject: true })
    const [r = 0, g = 0, b = 0] = data.subarray((128 * 256 + 128) * 3)
    expectColours(await cellsOf((await drawn(plan, [wide])).jpeg, plan), [{ r, g, b }])
  })

  it("is the same, byte for byte, of the same thumbnails", async () => {
    const plan = planned(everyOne(12), 12)
    const files = await coloured(12)
    expect(Buffer.compare((await drawn(plan, files)).jpeg, (await drawn(plan, files)).jpeg)).toBe(0)
  })
})

describe("the native library", () => {
  it("draws what sharp draws, by another filter", async () => {
    const plan = planned(everyOne(1), 1)
    const rgb = Uint8Array.from({ length: 256 * 144 * 3 }, (_, at) => {
      const [x, y, channel] = [Math.floor(at / 3) % 256, Math.floor(at / 768), at % 3]
      return 128 + 60 * Math.sin((x * (channel + 1)) / 17) + 60 * Math.cos((y + 3 * x) / 23)
    })
    const file = await sharp(rgb, { raw: { width: 256, height: 144, channels: 3 } })
      .extend({ top: 56, bottom: 56, background: "#000" })
      .jpeg({ quality: 95 })
      .toBuffer()
    const [ours, other] = await Promise.all(
      [NATIVE, null].map(async (library) =>
        sharp((await drawnBy(library, plan, [file])).jpeg)
          .raw()
          .toBuffer(),
      ),
    )
    const differences = Array.from(ours ?? [], (value, at) => Math.abs(value - (other?.[at] ?? 0)))
    expect(differences).toHaveLength(178 * 100 * 3)
    expect(differences.reduce((sum, one) => sum + one, 0) / differences.length).toBeLessThan(4)
  })

  it("leaves a cell black, and the ones beside it alone, whatever was changed in its thumbnail", async () => {
    const [good = Buffer.alloc(0)] = await coloured(1)
    const changed = [...everyOne(400)].map((seed) => {
      const bytes = Buffer.from(good)
      for (let change = 0; change < 4; change++) {
        const at = (seed * 7919 + change * 104_729) % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ (1 << ((seed + change) % 8))
      }
      return seed % 5 === 0 ? bytes.subarray(0, (seed * 31) % bytes.length) : bytes
    })
    const plan = planned(everyOne(400), 400)
    const { jpeg, looks } = await drawnBy(NATIVE, plan, changed)
    const black = [...looks.keys()].filter((at) => looks[at] === null)
    expect(black.length).toBeGreaterThan(80)
    const cells = await cellsOf(jpeg, plan)
    expect(black.map((at) => cells[at]).filter((cell) => cell === undefined || cell.r + cell.g + cell.b > 3)).toEqual(
      [],
    )
  })

  it("draws no JPEG of several scans: no thumbnail of ours is one, and some take hours", async () => {
    const progressive = await sharp(await thumbnailOf(colourOf(1)))
      .jpeg({ progressive: true })
      .toBuffer()
    expect(blackIn(await drawnBy(NATIVE, planned(everyOne(1), 1), [progressive]))).toEqual([0])
  })
})

describe("a drawn still", () => {
  const still = async (bytes: Uint8Array) => {
    const file = join(folder, crypto.randomUUID())
    writeFileSync(file, bytes)
    return drawStill({ file, width: 32, height: 16, quality: 95 }, null)
  }

  it("shows the pixels of its file", async () => {
    const jpeg = unwrap(await still(new Uint8Array(32 * 16 * 3).map((_, at) => [200, 90, 30][at % 3] ?? 0)))
    const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 32, height: 16, channels: 3 })
    for (const [at, value] of data.entries()) expect(Math.abs(value - ([200, 90, 30][at % 3] ?? 0))).toBeLessThan(4)
  })

  it.each([0, 32 * 16 * 3 - 1, 32 * 16 * 3 + 1])("is none of a file of another size: %i bytes", async (bytes) => {
    expect(failureOf(await still(new Uint8Array(bytes)))).toMatchObject({ code: "tool/failed" })
  })
})
