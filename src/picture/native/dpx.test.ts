import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { firstBytes } from "../read/header/bytes.ts"
import { readHeader } from "../read/header/read.ts"
import { dpxFile, type MadeField } from "../read/header/testing/dpx-file.ts"
import { openDpxReader } from "../samples/dpx/reader.ts"
import { dpxOf, type MadePixels } from "../samples/dpx/testing/dpx-pixels.ts"
import { memoryBytes } from "../samples/exr/testing/opened.ts"
import { wholePicture } from "../samples/testing/whole.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { dpxLayout, openNativeDpx } from "./dpx.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"

const library = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))
const folder = mkdtempSync(join(tmpdir(), "native-dpx-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CHANNELS: Readonly<Record<number, readonly string[]>> = {
  6: ["Y", "Y", "Y"],
  50: ["R", "G", "B"],
  51: ["R", "G", "B"],
  52: ["R", "G", "B"],
}

function orderOf(file: Uint8Array, channels: readonly string[]) {
  const path = join(folder, "a.dpx")
  writeFileSync(path, file)
  const header = readHeader(firstBytes(file, file.length), "a.dpx")
  if (header.kind !== "read") throw new Error("The header is not read.")
  const littleEndian = file[0] === "X".charCodeAt(0)
  return { path, sizeBytes: file.length, littleEndian, header: header.value, selection: { channels } }
}

/** What both readers see in a file. */
function bothOf(file: Uint8Array, channels: readonly string[]) {
  const order = orderOf(file, channels)
  const native = unwrap(openNativeDpx(library, order))
  try {
    const theirs = unwrap(openDpxReader(memoryBytes(file), order.header, order.selection))
    return [unwrap(wholePicture(native)), unwrap(wholePicture(theirs))] as const
  } finally {
    native.close()
  }
}

const KINDS = ([8, 10, 12, 16] as const).flatMap((bits) =>
  ([0, 1, 2] as const).flatMap((filling) =>
    [6, 50, 51, 52].flatMap((descriptor) =>
      [false, true].map((littleEndian) => ({ bits, filling, descriptor, littleEndian })),
    ),
  ),
)

const made = (kind: (typeof KINDS)[number], rest: Partial<MadePixels> = {}): Uint8Array =>
  dpxOf({
    ...kind,
    filling: kind.bits === 10 || kind.bits === 12 ? kind.filling : 0,
    ...{ width: 37, height: 11, paddingBytes: 0 },
    codeOf: (n) => (n * 40_503 + Math.floor(n / 37) * 977) % 2 ** kind.bits,
    ...rest,
  })

describe("the library's reader of DPX", () => {
  it.each(KINDS)(
    "gives the codes of the reader in JavaScript: $bits bits, filling $filling, descriptor $descriptor, little-endian $littleEndian",
    (kind) => {
      const channels = CHANNELS[kind.descriptor] ?? []
      const [ours, theirs] = bothOf(made(kind), channels)
      expect(ours).toEqual(theirs)
      expect(new Set(ours.planes[0]).size).toBeGreaterThan(100)
    },
  )

  it("reads one channel of several as grey", () => {
    const [ours, theirs] = bothOf(made({ bits: 16, filling: 0, descriptor: 51, littleEndian: false }), ["G", "G", "G"])
    expect(ours).toEqual(theirs)
  })

  it("reads channels in another order", () => {
    for (const bits of [8, 10, 12, 16] as const) {
      const kind = { bits, filling: 1, descriptor: 50, littleEndian: false } as const
      const [ours, theirs] = bothOf(made(kind), ["B", "R", "R"])
      expect(ours).toEqual(theirs)
    }
  })

  it("skips what stands between rows", () => {
    const [ours, theirs] = bothOf(
      made({ bits: 10, filling: 1, descriptor: 50, littleEndian: false }, { paddingBytes: 12, height: 1200 }),
      ["R", "G", "B"],
    )
    expect(ours).toEqual(theirs)
  })

  it("takes the reference codes of video for black and white", () => {
    const file = made({ bits: 8, filling: 0, descriptor: 50, littleEndian: false })
    const view = new DataView(file.buffer, file.byteOffset)
    view.setUint32(784, 16)
    view.setUint32(792, 235)
    const [ours, theirs] = bothOf(file, ["R", "G", "B"])
    expect(ours).toEqual(theirs)
    expect(Math.min(...(ours.planes[0] ?? []))).toBeLessThan(0)
  })

  it.each<readonly [string, readonly MadeField[]]>([
    ["floats", [[803, "u8", 32]]],
    ["run lengths", [[806, "u16", 1]]],
    [
      "chroma",
      [
        [800, "u8", 100],
        [803, "u8", 8],
      ],
    ],
  ])("leaves %s to the reader in JavaScript", (_, fields) => {
    const order = orderOf(dpxFile({ width: 4, height: 4, fields, pixels: new Uint8Array(1024) }), ["R", "G", "B"])
    expect(dpxLayout(order)).toBeNull()
    expect(openNativeDpx(library, order)).toMatchObject({ ok: false, failure: { code: "picture/unsupported" } })
  })

  it("says where a file ends that was cut short after its header was read", () => {
    const file = made({ bits: 10, filling: 1, descriptor: 50, littleEndian: false })
    const order = orderOf(file, ["R", "G", "B"])
    const native = unwrap(openNativeDpx(library, order))
    truncateSync(order.path, 2048 + 37 * 4 * 3 + 5)
    expect(wholePicture(native)).toMatchObject({
      ok: false,
      failure: { code: "picture/damaged", says: expect.stringMatching(/ends at byte 2497, its pixels at 2640/) },
    })
    native.close()
  })

  it("fails as gone where there is no file", () => {
    const order = orderOf(made({ bits: 10, filling: 1, descriptor: 50, littleEndian: false }), ["R", "G", "B"])
    expect(openNativeDpx(library, { ...order, path: join(folder, "none.dpx") })).toMatchObject({
      ok: false,
      failure: { code: "source/gone", says: "The file is no longer there (ENOENT)." },
    })
  })
})
