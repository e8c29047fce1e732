import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { failed, failure, type Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { REC1886, SRGB } from "../pixels/curve.ts"
import { KNOWN_SPACES } from "../pixels/known-spaces.ts"
import type { PixelPictures } from "../pixels/pictures.ts"
import type { PixelOutput, PixelPlan } from "../pixels/plan.ts"
import { renderPixels } from "../pixels/render.ts"
import { firstBytes } from "../read/header/bytes.ts"
import { readHeader } from "../read/header/read.ts"
import { openDpxReader } from "../samples/dpx/reader.ts"
import { dpxOf } from "../samples/dpx/testing/dpx-pixels.ts"
import { memoryBytes } from "../samples/exr/testing/opened.ts"
import type { SampleReader } from "../samples/index.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { openNativeDpx } from "./dpx.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"
import { keptRoom, renderNatively } from "./pixels.ts"
import { madeLight, madeReader, pixelPlans } from "./testing/pixel-plans.ts"

const library = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))

/** What differs: by output the furthest code, and how many do. */
function differences(native: PixelPictures, scripted: PixelPictures) {
  return Object.entries(scripted.canvases).map(([name, theirs = new Uint8Array(0)]) => {
    const ours = native.canvases[name] ?? new Uint8Array(0)
    const off = Array.from(theirs, (code, at) => Math.abs(code - (ours[at] ?? 999)))
    const largest = off.reduce((most, one) => Math.max(most, one), 0)
    return { name, largest, share: off.filter((one) => one > 0).length / off.length }
  })
}

function expectSame(native: Result<PixelPictures>, scripted: Result<PixelPictures>): void {
  if (!native.ok || !scripted.ok) {
    expect(native).toEqual(scripted)
    return
  }
  expect(native.value.nonFiniteCount).toBe(scripted.value.nonFiniteCount)
  expect(native.value.allBlack).toBe(scripted.value.allBlack)
  expect(Object.keys(native.value.canvases)).toEqual(Object.keys(scripted.value.canvases))
  for (const { name, largest } of differences(native.value, scripted.value)) {
    expect(largest, name).toBeLessThanOrEqual(1)
  }
}

const box = (width: number, height: number) => ({ x: 0, y: 0, width, height })

const output = (name: string, size: readonly [number, number], parts: Partial<PixelOutput> = {}): PixelOutput => ({
  name,
  canvas: { width: size[0], height: size[1] },
  rectangle: box(...size),
  pixels: "yuv420p",
  look: { kind: "curve", matrix: [], curve: REC1886 },
  ...parts,
})

const planOf = (width: number, height: number, parts: Partial<PixelPlan> = {}): PixelPlan => ({
  display: { width, height },
  data: box(width, height),
  orientation: 1,
  countedChannels: [0, 1, 2],
  decode: null,
  toWorking: [],
  main: output("proxy", [320, 180]),
  smaller: [output("thumbnail", [64, 36], { pixels: "rgb8", look: { kind: "curve", matrix: [], curve: SRGB } })],
  others: [],
  compressesHighlights: true,
  lightMayBecomeBlack: false,
  keepsRgb16: false,
  ...parts,
})

const folder = mkdtempSync(join(tmpdir(), "native-pixels-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A DPX as both readers open it. */
function dpxReaders(file: Uint8Array, channels: readonly string[]) {
  const path = join(folder, "a.dpx")
  writeFileSync(path, file)
  const header = readHeader(firstBytes(file, file.length), "a.dpx")
  if (header.kind !== "read") throw new Error("The header is not read.")
  const order = { path, sizeBytes: file.length, littleEndian: false, header: header.value, selection: { channels } }
  return {
    path,
    native: unwrap(openNativeDpx(library, order)),
    scripted: unwrap(openDpxReader(memoryBytes(file), header.value, { channels })),
  }
}

const dpxOfBits = (bits: 8 | 10 | 12 | 16, descriptor: 6 | 50, size = { width: 97, height: 61 }): Uint8Array =>
  dpxOf({
    ...{ bits, descriptor, filling: bits === 10 || bits === 12 ? 1 : 0, littleEndian: false, paddingBytes: 0 },
    ...size,
    codeOf: (n) => (n * 40_503 + Math.floor(n / 37) * 977) % 2 ** bits,
  })

const CURVES = [SRGB, REC1886, KNOWN_SPACES.get("LogC3")?.curve ?? null, null]

const plain = { seed: 1, holes: 0, brightest: 1 }

describe("pixels of the library", () => {
  it("are those of the path in JavaScript, for every kind of plan", () => {
    fc.assert(
      fc.property(pixelPlans, madeLight, (plan, light) => {
        expectSame(renderNatively(library, madeReader(plan, light), plan), renderPixels(madeReader(plan, light), plan))
      }),
      { numRuns: 400 },
    )
  })

  /** A share of a thousandth is 78 dB. */
  it.each([
    [1, 1],
    [3, 700],
    [1500, 2],
    [321, 181],
    [320, 180],
    [683, 384],
    [2048, 100],
  ])("a picture of %i x %i differs in a code of a thousand at most", (width, height) => {
    const plan = planOf(width, height)
    const native = unwrap(renderNatively(library, madeReader(plan, plain), plan))
    const scripted = unwrap(renderPixels(madeReader(plan, plain), plan))
    for (const { largest, share } of differences(native, scripted)) {
      expect(largest).toBeLessThanOrEqual(1)
      expect(share).toBeLessThan(0.001)
    }
  })

  it("are the same bytes again", () => {
    const plan = planOf(500, 300)
    const made = [0, 1].map(() => unwrap(renderNatively(library, madeReader(plan, plain), plan)).canvases)
    expect(made[0]).toEqual(made[1])
  })

  it("are the same in a room that is kept, whatever was in it, and take another room for another size", () => {
    const room = keptRoom()
    const made = ([width, height]: readonly [number, number], brightest: number, kept = room) => {
      const plan = planOf(500, 300, { main: output("proxy", [width, height]) })
      return unwrap(renderNatively(library, madeReader(plan, { ...plain, brightest }), plan, kept)).canvases
    }
    const alone = (_: string, lengthBytes: number) => new Uint8Array(lengthBytes)
    const bright = made([320, 180], 50)
    const dark = made([320, 180], 0.2)
    expect(dark.proxy).toBe(bright.proxy)
    expect(dark).toEqual(made([320, 180], 0.2, alone))
    expect(made([200, 120], 1)).toEqual(made([200, 120], 1, alone))
  })

  it("fill a hole of any size from its border and count it as the file has it", () => {
    const plan = planOf(400, 300)
    const isHole = (x: number, y: number): boolean => x >= 100 && x < 200 && y >= 60 && y < 170
    const reader: SampleReader = {
      width: 400,
      height: 300,
      readRows({ first, last }, visit) {
        for (let y = first; y <= last; y++) {
          const row = Float32Array.from({ length: 400 }, (_, x) => (isHole(x, y) ? Number.NaN : 0.25))
          visit(y, [row, row, row])
        }
        return { ok: true, value: undefined }
      },
    }
    const made = unwrap(renderNatively(library, reader, plan))
    expect(made.nonFiniteCount).toBe(3 * 100 * 110)
    expect(new Set(made.canvases.thumbnail).size).toBe(1)
    expect(new Set(made.canvases.proxy.subarray(0, 320 * 180)).size).toBe(1)
  })

  it.each(CURVES.flatMap((decode) => ([8, 10, 12, 16] as const).map((bits) => ({ decode, bits }))))(
    "of a reader of the library come of one call: $bits bits, $decode.kind",
    ({ decode, bits }) => {
      for (const descriptor of [6, 50] as const) {
        const channels = descriptor === 6 ? ["Y", "Y", "Y"] : ["R", "G", "B"]
        const { native, scripted } = dpxReaders(dpxOfBits(bits, descriptor), channels)
        const plan = planOf(97, 61, { decode, countedChannels: descriptor === 6 ? [0] : [0, 1, 2] })
        const made = renderNatively(library, native, plan)
        native.close()
        expectSame(made, renderPixels(scripted, plan))
      }
    },
  )

  it("read all of a picture that is not shown, so that its damage is found", () => {
    const { native, path } = dpxReaders(dpxOfBits(10, 50), ["R", "G", "B"])
    const outside = planOf(97, 61, { data: { ...box(97, 61), x: 200 } })
    expect(renderNatively(library, native, outside)).toMatchObject({ value: { allBlack: true } })
    truncateSync(path, 9000)
    expect(renderNatively(library, native, outside)).toMatchObject({ failure: { code: "picture/damaged" } })
    expect(renderNatively(library, native, planOf(97, 61))).toMatchObject({ failure: { code: "picture/damaged" } })
    native.close()
  })

  it("are not made of a file that has another size now", () => {
    const { native } = dpxReaders(dpxOfBits(10, 50), ["R", "G", "B"])
    const lying = { ...native, width: 96 }
    expect(renderNatively(library, lying, planOf(96, 61))).toMatchObject({ failure: { code: "source/changed" } })
    native.close()
  })

  it("pass on what the reader fails with", () => {
    const damaged: SampleReader = {
      width: 8,
      height: 8,
      readRows: () => failed(failure("picture/damaged", "A chunk is damaged.")),
    }
    expect(renderNatively(library, damaged, planOf(8, 8))).toMatchObject({ failure: { code: "picture/damaged" } })
  })

  it("black without light is right, black in spite of light is an alarm", () => {
    const values = new Float32Array(24)
    const black = { kind: "lut", matrix: [], lut: { edge: 2, shaper: { knee: 0.003, max: 128 }, values } } as const
    const plan = planOf(40, 30, { main: output("proxy", [320, 180], { look: black }) })
    const shown = (brightest: number, parts: Partial<PixelPlan> = {}) =>
      renderNatively(library, madeReader(plan, { ...plain, brightest }), { ...plan, ...parts })
    expect(shown(0.001)).toMatchObject({ value: { allBlack: true } })
    expect(shown(1)).toMatchObject({ failure: { code: "picture/silently-black" } })
    expect(shown(1, { lightMayBecomeBlack: true })).toMatchObject({ value: { allBlack: true } })
  })
})
