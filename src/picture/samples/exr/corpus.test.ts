import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { DEFAULT_LIMITS } from "../../read/header/limits.ts"
import type { PictureHeader } from "../../read/header/model.ts"
import { corpusBytes, corpusNames, corpusPath, hasCorpus } from "../../read/header/testing/corpus.ts"
import { selectPicture } from "../../read/select/selection.ts"
import { partProblem } from "./planes/planes.ts"
import { writtenExrs } from "./testing/arbitrary-exr.ts"
import { headerOf } from "./testing/opened.ts"
import { differences, type PlaneChoice, planesOf, toolPlanes } from "./testing/tool-planes.ts"
import { writtenExr } from "./testing/written-exr.ts"

const FOLDERS = ["Beachball", "Chromaticities", "DisplayWindow", "ScanLines", "TestImages"]

const files = FOLDERS.flatMap((folder) =>
  corpusNames(`openexr-images/${folder}`)
    .filter((name) => name.endsWith(".exr"))
    .map((name) => `openexr-images/${folder}/${name}`),
)

type Chosen = { readonly header: PictureHeader; readonly asked: PlaneChoice }

/** What is shown of a file that this reader takes and oiiotool too; null for one that goes another way. */
function chosen(file: Uint8Array): Chosen | null {
  const header = headerOf(file)
  const selected =
    header === null ? null : selectPicture(header, { fileSizeBytes: file.length, limits: DEFAULT_LIMITS })
  if (header === null || selected === null || !selected.ok) return null
  const { part, selection } = selected.value
  const isWhole = part.channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1)
  if (partProblem(part) !== null || !isWhole) return null
  return { header, asked: { part: selection.part, channels: [...new Set(selection.channels)] } }
}

describe.skipIf(!hasCorpus)("published EXR files (skipped where ../shared/corpus is absent)", () => {
  it.for(files)("%s gives the numbers that oiiotool reads", (name, { skip }) => {
    const file = corpusBytes(name)
    const shown = chosen(file)
    if (shown === null) return skip("goes another way: a compression or sampling that is not compared here")
    const ours = planesOf(file, shown.header, shown.asked)
    const theirs = toolPlanes(corpusPath(name), shown.asked)
    expect(differences(ours, theirs)).toEqual(shown.asked.channels.map(() => 0))
  })

  it("are nearly all of this reader's", () => {
    expect(files.filter((name) => chosen(corpusBytes(name)) !== null).length).toBeGreaterThan(40)
  })
})

const folder = mkdtempSync(join(tmpdir(), "exr-tool-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("an EXR of any type, compression, order, tiling and part", () => {
  it("gives the numbers that oiiotool reads", () => {
    const whole = writtenExrs.filter(({ parts }) =>
      parts.every(({ channels }) => channels.every(({ xSampling, ySampling }) => xSampling * ySampling === 1)),
    )
    const path = join(folder, "made.exr")
    fc.assert(
      fc.property(whole, (written) => {
        const file = writtenExr(written)
        writeFileSync(path, file)
        const header = headerOf(file) ?? expect.fail("the header is refused")
        const part = written.parts.length - 1
        const asked = { part, channels: written.parts[part]?.channels.map(({ name }) => name) ?? [] }
        const differing = differences(planesOf(file, header, asked), toolPlanes(path, asked))
        expect(differing).toEqual(asked.channels.map(() => 0))
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })
})
