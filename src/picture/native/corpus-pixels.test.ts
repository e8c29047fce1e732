import { describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { inputOf, pixelPlan } from "../pixels/plan.ts"
import { renderPixels } from "../pixels/render.ts"
import { corpusPlan, plainLooks } from "../pixels/testing/corpus-plans.ts"
import { CONFIG, psnrOf } from "../pixels/testing/oracle.ts"
import { firstBytes } from "../read/header/bytes.ts"
import type { PictureHeader } from "../read/header/model.ts"
import { readHeader } from "../read/header/read.ts"
import { corpusBytes, corpusNames, corpusPath, hasCorpus } from "../read/header/testing/corpus.ts"
import { packageFolder } from "../tools/find-tool.ts"
import { openNativeExr } from "./exr.ts"
import { libraryPath, loadNativeLibrary } from "./library.ts"
import { renderNatively } from "./pixels.ts"

const library = unwrap(loadNativeLibrary(libraryPath(await packageFolder())))

const FOLDERS = ["Beachball", "Chromaticities", "DisplayWindow", "ScanLines", "TestImages"]
/** Luminance with chroma is planned elsewhere. */
const names = FOLDERS.flatMap((folder) =>
  corpusNames(`openexr-images/${folder}`).map((name) => `openexr-images/${folder}/${name}`),
).filter((name) => name.endsWith(".exr") && !name.includes("_YC"))

async function planOf(source: string) {
  const plan = await corpusPlan(source)
  const input = inputOf(plan, CONFIG)
  const pixels = pixelPlan(plan, { input, looks: plainLooks(plan, input, CONFIG) })
  if (pixels === null) throw new Error(`${plan.input.space} cannot be made linear here.`)
  return { selection: plan.selection, pixels }
}

function headerOf(file: Uint8Array): PictureHeader {
  const header = readHeader(firstBytes(file, file.length), "a.exr")
  if (header.kind !== "read") throw new Error("The header is not read.")
  return header.value
}

describe.skipIf(!hasCorpus)("pixels of the library are those of the path in JavaScript", () => {
  it.for(names)("for %s (skipped where ../shared/corpus is absent)", async (name) => {
    const path = corpusPath(name)
    const { selection, pixels } = await planOf(path)
    const reader = unwrap(openNativeExr(library, { path, header: headerOf(corpusBytes(name)), selection }))
    const scripted = unwrap(renderPixels(reader, pixels))
    const native = unwrap(renderNatively(library, reader, pixels))
    reader.close()
    expect(native.nonFiniteCount).toBe(scripted.nonFiniteCount)
    expect(native.allBlack).toBe(scripted.allBlack)
    for (const [output, canvas = []] of Object.entries(scripted.canvases)) {
      expect(psnrOf(native.canvases[output] ?? [], canvas, 255), output).toBeGreaterThanOrEqual(70)
    }
  })
})
