import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { byPixelPath, byRecipe, type Compared, compare } from "../../pixels/testing/oracle.ts"
import { DEFAULT_LIMITS } from "../../read/header/limits.ts"
import { readHeader } from "../../read/header/read.ts"
import { readLocalHeader } from "../../read/reading.ts"
import { openExrReader } from "../../samples/exr/reader.ts"
import { withFileBytes } from "../../samples/file-bytes.ts"
import { openScratch } from "../../scratch.ts"
import { openSetup, planFor } from "../setup.ts"
import { type EngineFixture, openEngineFixture } from "../testing/engine-fixture.ts"
import { boxOf, planOf, type ReadingParts, reading, SETTINGS } from "../testing/readings.ts"
import { withConverted } from "./convert.ts"

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())

const SIZE = 400
const NOISE = ["--pattern", "noise:type=uniform:min=0:max=1:seed=7", `${SIZE}x${SIZE}`, "3"]
const window = { displayWindow: boxOf(SIZE, SIZE), dataWindow: boxOf(SIZE, SIZE) }
const display = { configSpace: "srgb_tx", encoding: "display" }

/** What comes of a file by way of the conversion, beside the recipe's, and the samples' type between. */
async function converted(file: string, { selection, colorspace }: ReadingParts): Promise<Compared & { type: string }> {
  const parts = { selection: { ...window, ...selection }, colorspace: colorspace ?? {} }
  const [plan, setup] = [await planOf(parts), await openSetup()]
  if (!setup.ok) throw new Error(setup.failure.says)
  const tools = await setup.value.tools()
  const sourceFile = join(fixture.folder, file)
  const header = await readLocalHeader(sourceFile, (bytes) => readHeader(bytes, file))
  if (!tools.ok || !header.ok) throw new Error(`${file} cannot be tried`)
  const oracle = await byRecipe(fixture, plan, file)
  const signal = new AbortController().signal
  const job = { sourceFile, reading: reading(parts), settings: SETTINGS, folder: fixture.folder, signal }
  const scratch = await openScratch({ root: join(fixture.folder, "scratch") })
  const own = planFor(setup.value, job)
  if (!own.ok) throw new Error(own.failure.says)
  const work = {
    ...setup.value,
    tools: tools.value,
    job,
    plan: own.value,
    header: header.value,
    headerLimits: DEFAULT_LIMITS,
  }
  const result = await withConverted({ ...work, scratch, linear: false }, async ({ source }) =>
    withFileBytes(source.sourceFile, (bytes) => {
      const reader = openExrReader(bytes, source.header, source.selection)
      if (!reader.ok) return reader
      const type = source.header.parts[0]?.channels[0]?.pixelType ?? ""
      return { ok: true, value: { ...compare(byPixelPath(reader.value, plan), oracle, plan), type } }
    }),
  )
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

type Case = ReadingParts & { readonly file: string; readonly how: readonly string[]; readonly samples: string }

const tiff: ReadingParts = { selection: { format: "tiff" }, colorspace: display }
const DEEP = ["-d", "float", "--ch", "R,G,B,A=1.0,Z=1.0", "--deepen"]

it.each<[string, Case]>([
  ["8-bit TIFF", { ...tiff, file: "eight.tif", how: ["-d", "uint8"], samples: "half" }],
  ["16-bit TIFF", { ...tiff, file: "sixteen.tif", how: ["-d", "uint16"], samples: "float" }],
  ["float TIFF", { selection: { format: "tiff" }, file: "float.tif", how: ["-d", "float"], samples: "float" }],
  ["DWAA", { file: "dwaa.exr", how: ["-d", "half", "--compression", "dwaa"], samples: "half" }],
  ["PXR24 of floats", { file: "pxr24.exr", how: ["-d", "float", "--compression", "pxr24"], samples: "float" }],
  ["deep EXR", { selection: { deep: true }, file: "deep.exr", how: DEEP, samples: "float" }],
])("a %s that oiiotool converted becomes the recipe's picture", async (_, { file, how, samples, ...parts }) => {
  await fixture.oiiotool(...NOISE, ...how, "-o", file)
  const { proxyDb, thumbnailDb, type } = await converted(file, parts)
  expect(type).toBe(samples)
  expect(proxyDb).toBeGreaterThanOrEqual(60)
  expect(thumbnailDb).toBeGreaterThanOrEqual(50)
})
