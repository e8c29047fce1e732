import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Sharp } from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { patternSamples, pngFile, vips } from "../testing/still-files.ts"
import { type EngineFixture, openEngineFixture } from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture("in-process")
})
afterAll(() => fixture.close())

const rgb = (bits: 8 | 16 = 8): Sharp => vips(patternSamples(), bits)
const jpeg = (picture: Sharp, more: object = {}): Sharp =>
  picture.jpeg({ quality: 98, chromaSubsampling: "4:4:4", ...more })

describe("a PNG or JPEG that is broken fails, and says so", () => {
  const failing = async (file: string, bytes: Buffer): Promise<string> => {
    const sourceFile = join(fixture.folder, file)
    await writeFile(sourceFile, bytes)
    const read = await fixture.engine.read({ sourceFile, key: file, statedSpace: null, colour: SETTINGS.colour })
    if (!read.ok) return read.failure.code
    const made = await fixture.tryRender(sourceFile, read.value)
    return made.ok ? "done" : made.failure.code
  }
  const part = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, Math.floor(bytes.length * share))

  it.each([
    [
      "a PNG's end is missing",
      async () => part(await rgb(16).png({ compressionLevel: 0 }).toBuffer(), 0.7),
      "cut.png",
      "tool/failed",
    ],
    ["a JPEG's end is missing", async () => part(await jpeg(rgb()).toBuffer(), 0.9), "cut.jpg", "picture/damaged"],
    [
      "a progressive JPEG's end is missing",
      async () => part(await jpeg(rgb(), { progressive: true }).toBuffer(), 0.9),
      "cutp.jpg",
      "picture/damaged",
    ],
    ["a header ends early", async () => (await rgb().png().toBuffer()).subarray(0, 20), "head.png", "picture/damaged"],
    ["the pixels are of another format", async () => jpeg(rgb()).toBuffer(), "jpeg.png", "picture/not-a-picture"],
    [
      "a few bytes claim a picture of 60000x4000",
      async () => pngFile([], { width: 60_000, height: 4000 }),
      "bomb.png",
      "picture/damaged",
    ],
    [
      "the picture is too large",
      async () => pngFile([], { width: 4_000_000_000, height: 4 }),
      "wide.png",
      "picture/over-limit",
    ],
    ["the picture has no pixels", async () => pngFile([], { width: 0, height: 4 }), "none.png", "picture/damaged"],
    ["the depth is none", async () => pngFile([], { bits: 7 }), "depth.png", "picture/damaged"],
    ["a palette is missing", async () => pngFile([], { colourType: 3 }), "palette.png", "picture/damaged"],
    [
      "a JPEG has 12 bits",
      async () => changed(await jpeg(rgb()).toBuffer(), 4, 12),
      "twelve.jpg",
      "picture/unsupported",
    ],
    [
      "a JPEG is lossless",
      async () => changed(await jpeg(rgb()).toBuffer(), 1, 0xc3),
      "lossless.jpg",
      "picture/unsupported",
    ],
  ] as const)("%s", async (_, bytes, file, code) => {
    expect(await failing(file, await bytes())).toBe(code)
  })

  /** A byte of the frame header is another. */
  function changed(file: Buffer, at: number, value: number): Buffer {
    const frame = file.indexOf(Buffer.from([0xff, 0xc0]))
    const other = Buffer.from(file)
    other[frame + at] = value
    return other
  }
})
