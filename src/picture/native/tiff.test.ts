import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { type MadeTag, tiffFile } from "../read/header/testing/tiff-file.ts"
import { wholePicture } from "../samples/testing/whole.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"
import { largest, orderOf, planesOf } from "./testing/opened-tiff.ts"
import { named, rgb, type VariedTiff, variedPlane, variedTiff, WIDTH } from "./testing/varied-tiff.ts"
import { openNativeTiff, tiffOrder } from "./tiff.ts"

const library = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))
const folder = mkdtempSync(join(tmpdir(), "native-tiff-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const WRITTEN = [
  ...[8, 10, 12, 14, 16, 32].flatMap((bits) => [
    rgb(bits),
    rgb(bits, { planar: true, bigEndian: true, compression: "zip" }),
  ]),
  ...[8, 16, 32].flatMap((bits) => [rgb(bits, { tile: 16 }), rgb(bits, { format: 2 })]),
  ...[16, 32, 64].flatMap((bits) => [
    rgb(bits, { format: 3 }),
    rgb(bits, { format: 3, tile: 16, compression: "zip", bigEndian: true }),
    rgb(bits, { format: 3, planar: true, tile: 32 }),
  ]),
  ...[8, 16, 32].map((bits) => ({ photometric: 1, bits, samples: 1 })),
  rgb(16, { bigTiff: true, bigEndian: true }),
  rgb(16, { rowsPerStrip: 1 }),
  rgb(16, { rowsPerStrip: 1000, compression: "zip" }),
  rgb(16, { compression: "zstd" }),
  rgb(12, { planar: true, tile: 16, compression: "zstd" }),
  rgb(16, { samples: 4, extras: [1] }),
  rgb(8, { samples: 5, extras: [0, 0], planar: true }),
  { photometric: 1, bits: 16, samples: 3, extras: [0, 0] },
].map(named)

describe("the library's reader of TIFF gives the samples that were written", () => {
  it.each(WRITTEN)("of %s", (_, made) => {
    const isGrey = made.photometric === 1
    const written = [0, 1, 2].map((c) => variedPlane(made, isGrey ? 0 : c))
    const half = made.format === 3 && made.bits === 16
    expect(largest(planesOf(library, orderOf(folder, variedTiff(made))), written)).toBeLessThan(half ? 1e-3 : 1.6e-5)
  })

  it("of LZMA", () => {
    const pixels = Buffer.from(
      "/Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4AF/ACtdAAACD3KBe1J21E0QkR/aMNzGx21fidTQOKDegPya2CUK+h3ya4AEVISbva8AAAABP4ADAAAA2X4qlagACvwCAAAAAABZWg==",
      "base64",
    )
    const tags: readonly MadeTag[] = [
      [256, 4, [16]],
      [257, 4, [8]],
      [258, 3, [8, 8, 8]],
      [259, 3, [34_925]],
      [262, 3, [2]],
      [277, 3, [3]],
      [278, 4, [8]],
      [279, 4, [pixels.length]],
    ]
    const planes = planesOf(library, orderOf(folder, tiffFile({ directories: [{ tags, pixels }] })))
    const written = [0, 1, 2].map((c) => Float32Array.from({ length: 128 }, (_, n) => ((n >> 4) * 31 + c * 7) / 255))
    expect(largest(planes, written)).toBeLessThan(1e-6)
  })

  it("from any row on, and again", () => {
    const order = orderOf(folder, variedTiff(rgb(16, { compression: "zip", rowsPerStrip: 7 })))
    const native = unwrap(openNativeTiff(library, order))
    const [red] = [variedPlane(rgb(16), 0)]
    for (const first of [30, 3, 36, 0]) {
      const rows: number[] = []
      const read = native.readRows({ first, last: 36 }, (row, [samples]) => {
        rows.push(row)
        expect(samples[5]).toBeCloseTo(red[row * WIDTH + 5] ?? 9, 6)
      })
      expect(read).toMatchObject({ ok: true })
      expect(rows).toEqual(Array.from({ length: 37 - first }, (_, n) => first + n))
    }
    native.close()
  })

  it("where an old tag calls them void", () => {
    const made = rgb(8, { more: [[32_996, 3, [0]]] })
    const old = variedTiff(made)
    const view = new DataView(old.buffer, old.byteOffset)
    const start = view.getUint32(4, true)
    for (let entry = start + 2; entry < start + 2 + view.getUint16(start, true) * 12; entry += 12)
      if (view.getUint16(entry, true) === 339) view.setUint16(entry, 60_000, true)
    const written = [0, 1, 2].map((c) => variedPlane(made, c))
    expect(largest(planesOf(library, orderOf(folder, old)), written)).toBeLessThan(1e-6)
  })

  it("as they are stored, however the picture is to be turned", () => {
    const made: VariedTiff = { photometric: 6, bits: 8, samples: 3, more: [[530, 3, [1, 1]]] }
    const [upright, turned] = [1, 3].map((orientation) =>
      planesOf(
        library,
        orderOf(
          folder,
          variedTiff({
            ...made,
            more: [
              [530, 3, [1, 1]],
              [274, 3, [orientation]],
            ],
          }),
        ),
      ),
    )
    expect(turned).toEqual(upright)
  })
})

describe("a TIFF that the library cannot read", () => {
  it("is left to others where its colours are Lab", () => {
    const file = variedTiff({ photometric: 8, bits: 8, samples: 3 })
    expect(tiffOrder({ ...orderOf(folder, file), selection: { part: 0, channels: ["R", "G", "B"] } })).toBeNull()
  })

  it.each(["none", "zip", "zstd"] as const)("is damaged where it ends early, stored as %s", (compression) => {
    const order = orderOf(folder, variedTiff(rgb(16, { compression, rowsPerStrip: 5 })))
    const native = unwrap(openNativeTiff(library, order))
    truncateSync(order.path, 5000)
    expect(wholePicture(native)).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
    native.close()
    truncateSync(order.path, 3)
    expect(openNativeTiff(library, order)).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
  })

  it("is damaged where its compressed bytes are", () => {
    for (const [compression, rowsPerStrip] of [
      ["zip", 5],
      ["zip", 1000],
      ["zstd", 5],
    ] as const) {
      const file = variedTiff(rgb(16, { compression, rowsPerStrip }))
      const native = unwrap(openNativeTiff(library, orderOf(folder, file.fill(0xa5, 300, 900))))
      const read = wholePicture(native)
      native.close()
      expect(read).toMatchObject({
        ok: false,
        failure: { code: "picture/damaged", says: expect.stringMatching(/^The TIFF cannot be decoded: /) },
      })
    }
  })

  it("is over the limit where a row of its tiles is larger than any picture", () => {
    const made = variedTiff(rgb(16, { tile: 16 }))
    const order = orderOf(folder, made)
    const view = new DataView(made.buffer, made.byteOffset)
    const start = view.getUint32(4, true)
    for (let entry = start + 2; entry < start + 2 + view.getUint16(start, true) * 12; entry += 12)
      if ([322, 323].includes(view.getUint16(entry, true))) view.setUint32(entry + 8, 16_000, true)
    writeFileSync(order.path, made)
    expect(openNativeTiff(library, order)).toMatchObject({ ok: false, failure: { code: "picture/over-limit" } })
  })

  it("is inconsistent where it changed after its header was read", () => {
    const order = orderOf(folder, variedTiff(rgb(16)))
    writeFileSync(order.path, variedTiff(rgb(16, { samples: 4, extras: [1] })))
    expect(openNativeTiff(library, order)).toMatchObject({ ok: false, failure: { code: "picture/damaged" } })
  })

  it("is gone where there is no file", () => {
    const order = { ...orderOf(folder, variedTiff(rgb(16))), path: join(folder, "none.tif") }
    expect(openNativeTiff(library, order)).toMatchObject({ ok: false, failure: { code: "source/gone" } })
  })
})
