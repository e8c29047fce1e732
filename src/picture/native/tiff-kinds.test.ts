import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import sharp from "sharp"
import { afterAll, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import type { MadeTag } from "../read/header/testing/tiff-file.ts"
import { toolPlanes } from "../samples/exr/testing/tool-planes.ts"
import { hasDecoder } from "../testing/decoder.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"
import { orderOf, planesOf, ratioDb } from "./testing/opened-tiff.ts"
import { named, rgb, type VariedTiff, variedTiff } from "./testing/varied-tiff.ts"

const library = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))
const folder = mkdtempSync(join(tmpdir(), "native-tiff-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const map = (entries: number): MadeTag => [320, 3, Array.from({ length: 3 * entries }, (_, n) => (n * 7919) % 65_536)]
const CHROMA: readonly MadeTag[] = [[530, 3, [1, 1]]]

/** Kinds that mean what the decoder makes of them, of one picture in the file. */
const CONVERTED = [
  ...[4, 6, 8].map((bits) => rgb(bits, { planar: bits === 6 })),
  ...[1, 2, 4, 6, 12].map((bits) => ({ photometric: 1, bits, samples: 1 })),
  ...[1, 2, 4, 6, 8].map((bits) => ({ photometric: 0, bits, samples: 1 })),
  ...[1, 2, 4, 8, 16].map((bits) => ({ photometric: 3, bits, samples: 1, more: [map(2 ** bits)] })),
  { photometric: 5, bits: 8, samples: 4 },
  { photometric: 5, bits: 16, samples: 4, planar: true },
  { photometric: 6, bits: 8, samples: 3, more: CHROMA },
  { photometric: 6, bits: 8, samples: 3, more: CHROMA, tile: 16, compression: "zip" as const },
  ...[4, 8, 12, 16, 32].map((bits) => rgb(bits, { samples: 4, extras: [2], planar: bits === 16 })),
  rgb(16, { samples: 4, extras: [2], format: 2 }),
  rgb(32, { samples: 4, extras: [2], format: 3, planar: true }),
  { photometric: 1, bits: 8, samples: 2, extras: [2] },
  rgb(16, { samples: 5, extras: [0, 2] }),
  rgb(8, { samples: 5, extras: [2, 1] }),
].map(named)

describe.skipIf(!hasDecoder)(
  "the library's reader of TIFF agrees with oiiotool (skipped where it is not installed)",
  () => {
    it.each(CONVERTED)("on %s", (_, made) => {
      const order = orderOf(folder, variedTiff(made))
      const theirs = toolPlanes(order.path, { part: 0, channels: order.selection.channels }, ["--native"])
      expect(ratioDb(planesOf(library, order), theirs)).toBeGreaterThan(100)
    })

    it.each(["jpeg", "lzw", "packbits", "deflate"] as const)("on what libvips writes as %s", async (compression) => {
      const pixels = Buffer.from(Uint8Array.from({ length: 64 * 48 * 3 }, (_, n) => (n * n) % 251))
      const raw = sharp(pixels, { raw: { width: 64, height: 48, channels: 3 } })
      const order = orderOf(folder, await raw.tiff({ compression, predictor: "horizontal", quality: 70 }).toBuffer())
      const theirs = toolPlanes(order.path, { part: 0, channels: order.selection.channels }, ["--native"])
      expect(ratioDb(planesOf(library, order), theirs)).toBeGreaterThan(100)
    })
  },
)

describe("the library's reader of TIFF reads what oiiotool refuses", () => {
  it.each<readonly [string, VariedTiff]>([
    ["uncompressed tiles of luminance and chroma", { photometric: 6, bits: 8, samples: 3, more: CHROMA, tile: 16 }],
    ["compressed planes of inks", { photometric: 5, bits: 16, samples: 4, planar: true, compression: "zip" }],
  ])("%s", (_, made) => {
    const { tile: _tiles, ...strips } = made
    const simpler: VariedTiff = { ...strips, planar: false, compression: "none" }
    expect(planesOf(library, orderOf(folder, variedTiff(made)))).toEqual(
      planesOf(library, orderOf(folder, variedTiff(simpler))),
    )
  })
})
