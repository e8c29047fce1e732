import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import { unwrap } from "../../../events/testing/results.ts"
import { drawSheet, type Thumbnails } from "./draw.ts"
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

const thumbnails = (read: Thumbnails["read"]): Thumbnails => ({
  describe: () => ({ width: 256, height: 256, picture: { x: 0, y: 56, width: 256, height: 144 } }),
  read,
  ahead: 4,
})

const each = thumbnails(async (picture) => done(await thumbnailOf(colourOf(picture))))

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

describe("a drawn sheet", () => {
  it("shows in each cell its picture, without the bars of its thumbnail, and black for black", async () => {
    const shown = Int32Array.of(...everyOne(23), 23)
    const plan = planned(shown, 23)
    const { jpeg, undrawn, looks } = unwrap(await drawSheet(plan, each, 85))
    const expected = [...everyOne(23)].map(colourOf)
    expectColours(await cellsOf(jpeg, plan), [...expected, NOTHING])
    expect(undrawn).toEqual([])
    const seen = colourOf(7)
    expect(looks.get(7)?.peak).toBeGreaterThan(Math.max(seen.r, seen.g, seen.b) - 8)
    expect(new Set([...looks.values()].map(({ hash }) => hash)).size).toBe(23)
  })

  it("keeps the shape of a picture that is of another one than the rest", async () => {
    const plan = planned(everyOne(1), 1)
    const tall = {
      ...each,
      describe: () => ({ width: 256, height: 256, picture: { x: 100, y: 56, width: 72, height: 144 } }),
    }
    const { jpeg } = unwrap(await drawSheet(plan, tall, 85))
    const { data } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
    const at = (x: number) => data.subarray((50 * plan.width + x) * 3, (50 * plan.width + x) * 3 + 3)
    expect(Math.max(...at(20), ...at(158))).toBeLessThan(8)
    expect(Math.max(...at(89))).toBeGreaterThan(200)
  })

  it("leaves black, and names, what is missing, was replaced, or is no thumbnail", async () => {
    const good = await thumbnailOf(colourOf(0))
    const files: readonly Result<Uint8Array>[] = [
      done(good),
      failed(failure("store/missing", "It is gone.")),
      done(Buffer.from("no picture")),
      done(good.subarray(0, good.length / 2)),
      done(await sharp(good).resize(128, 128).jpeg().toBuffer()),
      done(await sharp(good).png().toBuffer()),
      failed(failure("store/precondition-failed", "It was replaced.")),
      done(new Uint8Array()),
    ]
    const plan = planned(everyOne(files.length), files.length)
    const read = async (picture: number) => files[picture] ?? done(new Uint8Array())
    const drawn = unwrap(await drawSheet(plan, thumbnails(read), 85))
    expect(drawn.undrawn).toEqual([1, 2, 3, 4, 5, 6, 7])
    expectColours(await cellsOf(drawn.jpeg, plan), [colourOf(0), ...Array(7).fill(NOTHING)])
    const outside = {
      ...each,
      describe: () => ({ width: 256, height: 256, picture: { x: 0, y: 200, width: 256, height: 144 } }),
    }
    expect(unwrap(await drawSheet(planned(everyOne(1), 1), outside, 85)).undrawn).toEqual([0])
  })

  it("is not made while the store is away", async () => {
    const away = failed(failure("store/unreachable", "The store cannot be reached."))
    const plan = planned(everyOne(5), 5)
    expect(
      await drawSheet(
        plan,
        thumbnails(async () => away),
        85,
      ),
    ).toEqual(away)
  })

  it("is the same, byte for byte, of the same thumbnails", async () => {
    const plan = planned(everyOne(12), 12)
    const [one, two] = [unwrap(await drawSheet(plan, each, 85)), unwrap(await drawSheet(plan, each, 85))]
    expect(Buffer.compare(one.jpeg, two.jpeg)).toBe(0)
  })
})
