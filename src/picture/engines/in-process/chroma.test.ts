import { readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { describe, expect, it } from "vitest"
import { inputOf, pixelPlan } from "../../pixels/plan.ts"
import { plainLooks } from "../../pixels/testing/corpus-plans.ts"
import { CONFIG, psnrOf } from "../../pixels/testing/oracle.ts"
import { firstBytes } from "../../read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../../read/header/limits.ts"
import { readHeader } from "../../read/header/read.ts"
import { decideReading } from "../../read/reading.ts"
import { b44Path, dwaPath } from "../../samples/exr/testing/stored-files.ts"
import { routeOf } from "../own-readers.ts"
import { corpusFolder } from "../testing/engine-fixture.ts"
import { planOf, SETTINGS } from "../testing/readings.ts"
import { carryOut } from "./render-order.ts"

const corpus = await corpusFolder()
if (corpus === null) process.stderr.write("The shared corpus is not on this machine: chroma files are not compared.\n")

/** The thumbnail of a file as the engine's thread makes it, before JPEG. */
async function thumbnailOf(sourceFile: string): Promise<Uint8Array> {
  const name = basename(sourceFile)
  const bytes = await readFile(sourceFile)
  const file = firstBytes(bytes, bytes.length)
  const header = readHeader(file, name, DEFAULT_LIMITS)
  const request = { key: name, statedSpace: null, colour: SETTINGS.colour, configHash: "0", ownReaders: true }
  const reading = decideReading(file, request)
  if (header.kind !== "read" || reading.kind !== "read") throw new Error(`${name} cannot be read.`)
  const { selection, colorspace } = reading.value
  const picture = await planOf({ selection, colorspace })
  const input = inputOf(picture, CONFIG)
  const plan = pixelPlan(picture, { input, looks: plainLooks(picture, input, CONFIG) })
  const { reader } = routeOf(header.value, selection)
  if (plan === null || reader === "converted") throw new Error(`${name} is not read here.`)
  const made = carryOut({ sourceFile, header: header.value, selection, reader, plan })
  if (!made.ok) throw new Error(made.failure.says)
  return made.value.canvases.thumbnail
}

describe.skipIf(corpus === null)("a luminance and chroma file", () => {
  it.each([
    ["Rec709_YC.exr", "Rec709.exr"],
    ["XYZ_YC.exr", "XYZ.exr"],
  ])("%s looks like %s", async (chroma, original) => {
    const [ours, theirs] = [chroma, original].map((name) => join(corpus ?? "", "openexr-images/Chromaticities", name))
    expect(psnrOf(await thumbnailOf(ours ?? ""), await thumbnailOf(theirs ?? ""), 255)).toBeGreaterThanOrEqual(43)
  })
})

describe("a luminance and chroma file in a compression that oiiotool reads only of other files", () => {
  it.each([b44Path("smooth-b44"), b44Path("flat-b44a"), dwaPath("odd-dwaa"), dwaPath("narrow-dwab")])(
    "%s looks as its decoded samples do",
    async (path) => {
      expect(await thumbnailOf(path)).toEqual(await thumbnailOf(path.replace(".exr", "-planes.exr")))
    },
  )
})
