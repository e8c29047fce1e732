import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cineonFile, plane, psdFile, radianceFile, tgaFile, tgaPixels, tgaRuns } from "../testing/more-still-files.ts"
import { PATTERN_LIGHT } from "../testing/pattern.ts"
import { patternSamples, vips } from "../testing/still-files.ts"
import { type EngineFixture, openEngineFixture } from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture("in-process")
})
afterAll(() => fixture.close())

const rgb = (): ReturnType<typeof vips> => vips(patternSamples())
const LOG = [[445, 445, 445]] as const

describe("what is broken or not read fails, and says so", () => {
  const cut = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length * 0.7))
  const psd = (more: Partial<Parameters<typeof psdFile>[0]> = {}): Buffer =>
    psdFile({ planes: [0, 1, 2].map((one) => plane(one)), ...more })
  const patched = (bytes: Buffer, at: number, ...values: readonly number[]): Buffer => {
    const other = Buffer.from(bytes)
    other.set(values, at)
    return other
  }

  it.each([
    ["a TGA's end is missing", "cut.tga", () => cut(tgaFile(tgaPixels())), "picture/damaged"],
    ["a TGA's runs end early", "runs.tga", () => cut(tgaFile(tgaRuns(), { type: 10 })), "tool/failed"],
    [
      "a TGA is none",
      "none.tga",
      () => Buffer.from("this is a text that somebody called a TGA"),
      "picture/not-a-picture",
    ],
    [
      "a few bytes claim a TGA of 65535x60000",
      "bomb.tga",
      () => patched(tgaFile(tgaRuns(), { type: 10 }), 12, 255, 255, 96, 234),
      "picture/over-limit",
    ],
    [
      "a few bytes claim a TGA of 16000x16000",
      "claim.tga",
      () => patched(tgaFile(tgaRuns(), { type: 10 }), 12, 128, 62, 128, 62),
      "picture/damaged",
    ],
    [
      "a WebP's end is missing",
      "cut.webp",
      async () => cut(await rgb().webp({ lossless: true }).toBuffer()),
      "picture/damaged",
    ],
    [
      "a WebP is of other samples",
      "wave.webp",
      () => Buffer.from("RIFF\x10\0\0\0WAVEfmt \0\0\0\0\0\0\0\0", "latin1"),
      "picture/not-a-picture",
    ],
    ["a Radiance picture's end is missing", "cut.hdr", () => cut(radianceFile(PATTERN_LIGHT)), "tool/failed"],
    [
      "a Radiance picture is XYZ",
      "xyz.hdr",
      () => Buffer.from(radianceFile(PATTERN_LIGHT).toString("latin1").replace("rle_rgbe", "rle_xyze"), "latin1"),
      "picture/unsupported",
    ],
    [
      "a Radiance picture has no size",
      "size.hdr",
      () => radianceFile(PATTERN_LIGHT, { resolution: "64 by 64" }),
      "picture/damaged",
    ],
    [
      "a few bytes claim a Radiance picture of 99999999",
      "bomb.hdr",
      () => radianceFile(PATTERN_LIGHT, { resolution: "-Y 99999999 +X 99999999" }),
      "picture/over-limit",
    ],
    ["a Cineon file's end is missing", "cut.cin", () => cut(cineonFile(LOG)), "picture/damaged"],
    ["a Cineon file is of 8 bits", "eight.cin", () => patched(cineonFile(LOG), 198, 8), "picture/unsupported"],
    [
      "a Cineon file is turned by a quarter",
      "turned.cin",
      () => cineonFile(LOG, { orientation: 5 }),
      "picture/unsupported",
    ],
    ["a PSD's end is missing", "cut.psd", () => cut(psd()), "picture/damaged"],
    ["a PSD is Lab", "lab.psd", () => psd({ mode: 9 }), "picture/unsupported"],
    ["a PSD has no composite", "layers.psd", () => psd({ hasComposite: false }), "picture/unsupported"],
    [
      "a PSD's sections are longer than the file",
      "long.psd",
      () => patched(psd(), 26, 255, 255, 255, 255),
      "picture/damaged",
    ],
    ["a JP2 has no boxes", "none.jp2", () => Buffer.from("0000000c6a5020200d0a870a", "hex"), "picture/damaged"],
    [
      "a codestream's size is negative",
      "size.j2k",
      () =>
        Buffer.from(
          `ff4fff51002f0000${"00000001".repeat(2)}${"00000009".repeat(2)}${"00000040".repeat(4)}0003070101070101070101`,
          "hex",
        ),
      "picture/damaged",
    ],
  ] as const)("%s", async (_, file, bytes, code) => {
    const sourceFile = join(fixture.folder, file)
    await writeFile(sourceFile, await bytes())
    const read = await fixture.engine.read({ sourceFile, key: file, statedSpace: null, colour: SETTINGS.colour })
    const ended = read.ok ? await fixture.tryRender(sourceFile, read.value) : read
    expect(ended.ok ? "done" : ended.failure.code, ended.ok ? "" : ended.failure.says).toBe(code)
  })
})
