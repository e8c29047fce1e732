import { libraryPath, loadNativeLibrary } from "../src/picture/native/library.ts"
import { renderNatively } from "../src/picture/native/pixels.ts"
import { REC1886, SRGB } from "../src/picture/pixels/curve.ts"
import { KNOWN_SPACES } from "../src/picture/pixels/known-spaces.ts"
import { type Look, latticeLight } from "../src/picture/pixels/look.ts"
import type { PixelPlan } from "../src/picture/pixels/plan.ts"
import { renderPixels } from "../src/picture/pixels/render.ts"
import type { SampleReader, SampleRow } from "../src/picture/samples/index.ts"
import { packageFolder } from "../src/picture/tools/find-tool.ts"
import { heading, median, okOf, row } from "./report.ts"

const FRAMES = 15
const SIZE = { width: 4096, height: 2160 }

/** What becomes of the samples of a frame, without reading and encoding: natively, and in JavaScript. */
export async function benchPixels(): Promise<void> {
  heading(
    `pixels: one frame of ${SIZE.width}x${SIZE.height} RGB from memory into a proxy and a thumbnail, CPU, one thread`,
  )
  const library = okOf(loadNativeLibrary(libraryPath(await packageFolder())))
  for (const [name, plan] of Object.entries(plans())) {
    const reader = madeReader(plan)
    const native = cpuMs(FRAMES, () => okOf(renderNatively(library, reader, plan)))
    const scripted = cpuMs(3, () => okOf(renderPixels(reader, plan)))
    row(name, `${native.toFixed(1)} ms`, `in JavaScript ${scripted.toFixed(0)} ms`)
  }
}

function cpuMs(times: number, work: () => unknown): number {
  const taken = Array.from({ length: times }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return median(taken)
}

function plans(): Readonly<Record<string, PixelPlan>> {
  const curves = planOf(SIZE, { kind: "curve", matrix: [], curve: REC1886 }, { kind: "curve", matrix: [], curve: SRGB })
  const baked = lattice()
  return {
    "curves of the displays": curves,
    "without the thumbnail": { ...curves, smaller: [] },
    "with a matrix before them": { ...curves, toWorking: KNOWN_SPACES.get("ACEScg")?.matrix ?? [] },
    "from code values": { ...curves, decode: KNOWN_SPACES.get("LogC3")?.curve ?? null },
    "through baked looks": planOf(SIZE, baked, baked),
    "upside down": { ...curves, orientation: 3 },
    grey: { ...curves, countedChannels: [0] },
    "from 16x8 pixels": planOf({ width: 16, height: 8 }, curves.main.look, curves.main.look),
  }
}

function planOf(size: { width: number; height: number }, main: Look, thumbnail: Look): PixelPlan {
  const box = { x: 0, y: 34, width: 1920, height: 1012 }
  const small = { x: 0, y: 60, width: 256, height: 136 }
  const [canvas, square] = [
    { width: 1920, height: 1080 },
    { width: 256, height: 256 },
  ]
  return {
    display: size,
    data: { x: 0, y: 0, ...size },
    orientation: 1,
    countedChannels: [0, 1, 2],
    decode: null,
    toWorking: [],
    main: { name: "proxy", canvas, rectangle: box, pixels: "yuv420p", look: main },
    smaller: [{ name: "thumbnail", canvas: square, rectangle: small, pixels: "rgb8", look: thumbnail }],
    others: [],
    compressesHighlights: true,
    lightMayBecomeBlack: false,
    keepsRgb16: false,
  }
}

/** As large as baked ones are. */
function lattice(): Look {
  const [edge, shaper] = [65, { knee: 0.003, max: 128 }]
  const codes = Array.from(
    { length: edge },
    (_, point) => Math.min(1, latticeLight({ edge, shaper }, point)) ** (1 / 2.4),
  )
  const values = new Float32Array(edge ** 3 * 3)
  for (let at = 0; at < edge ** 3; at++) {
    values.set(
      [at % edge, Math.floor(at / edge) % edge, Math.floor(at / edge ** 2)].map((one) => codes[one] ?? 0),
      3 * at,
    )
  }
  return { kind: "lut", matrix: KNOWN_SPACES.get("ACEScg")?.matrix ?? [], lut: { edge, shaper, values } }
}

/** Waves and grain with highlights, 64 rows over and over. */
function madeReader({ data: { width, height } }: PixelPlan): SampleReader {
  const wave = (x: number, y: number, channel: number): number => Math.abs(Math.sin(0.01 * x * (channel + 1) + 0.1 * y))
  const sample = (x: number, y: number, channel: number): number =>
    0.4 * wave(x, y, channel) + 0.1 * wave(7919 * x, 104_729 * y, channel) + (x % 997 === 0 ? 2 : 0)
  const rows = Array.from({ length: 64 }, (_, y): SampleRow => {
    const plane = (channel: number) => Float32Array.from({ length: width }, (__, x) => sample(x, y, channel))
    return [plane(0), plane(1), plane(2)]
  })
  return {
    width,
    height,
    readRows({ first, last }, visit) {
      for (let y = first; y <= last; y++) visit(y, rows[y % rows.length] as SampleRow)
      return { ok: true, value: undefined }
    },
  }
}
