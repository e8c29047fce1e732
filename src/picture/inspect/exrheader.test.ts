import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { debianMissing } from "../../../test/machine/debian.ts"
import type { Part } from "../../events/records.generated.ts"
import type { Inspected } from "../model.ts"
import { DEFAULT_LIMITS } from "../read/header/limits.ts"
import { corpusNames, corpusPath, hasCorpus } from "../read/header/testing/corpus.ts"
import { asPrinted } from "./testing/as-exrheader.ts"
import { makeCollection } from "./testing/exr-collection.ts"
import { EXRHEADER, exrheader, type Printed, type PrintedParts } from "./testing/exrheader.ts"
import { inspectFile } from "./testing/inspect-file.ts"

let missing: string | null
let folder: string
beforeAll(async () => {
  missing = await debianMissing({ programs: [EXRHEADER], packages: ["openexr"] })
  folder = mkdtempSync(join(tmpdir(), "exrheader-"))
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Files of the damaged folder have no extension. */
const inspect = async (path: string) => inspectFile(path, { key: `${basename(path)}.exr`, limits: DEFAULT_LIMITS })

const whole = async (path: string): Promise<Inspected> => {
  const inspected = await inspect(path)
  if (!inspected.ok) throw new Error(`${path}: ${inspected.failure.says}`)
  return inspected.value
}

/** The library adds what old or damaged files leave out. */
const ADDED: ReadonlySet<string> = new Set(["type", "chunkCount", "screenWindowWidth"])

/** What exrheader prints and what an inspection tells, in the same words; what only the library added is left out. */
function told(part: Part, printed: ReadonlyMap<string, Printed>) {
  const ours = asPrinted(part)
  const theirs = [...printed].filter(([name]) => ours.has(name) || !ADDED.has(name))
  return [Object.fromEntries(ours), Object.fromEntries(theirs)] as const
}

/** Windows, compression, kind, tiles and channels as rows have them, out of what exrheader prints. */
function rowOf(printed: ReadonlyMap<string, Printed>) {
  const value = (name: string): unknown => printed.get(name)?.value
  const box = (name: string) => {
    const [xMin, yMin, xMax, yMax] = value(name) as readonly number[]
    return { xMin, yMin, xMax, yMax }
  }
  const tiles = value("tiles") as readonly unknown[] | undefined
  const isTiled = String(value("type")).endsWith("tile") || value("type") === "tiledimage"
  return {
    dataWindow: box("dataWindow"),
    displayWindow: box("displayWindow"),
    compression: value("compression"),
    lineOrder: value("lineOrder"),
    kind: value("type"),
    name: value("name") ?? null,
    view: value("view") ?? null,
    tiles: tiles === undefined || !isTiled ? null : { width: tiles[1], height: tiles[2], levelMode: tiles[0] },
    channels: (value("channels") as readonly (readonly unknown[])[]).map(([name, pixelType, xSampling, ySampling]) => ({
      name,
      pixelType,
      xSampling,
      ySampling,
    })),
  }
}

function expectAgreement(header: Inspected, printed: PrintedParts): void {
  expect(header.parts).toHaveLength(printed.length)
  expect(header).toMatchObject({ attributesDropped: 0, channelsDropped: 0, partsDropped: 0 })
  for (const [index, theirs] of printed.entries()) {
    const part = header.parts[index] as Part
    const [ours, printedAttributes] = told(part, theirs)
    expect(ours).toEqual(printedAttributes)
    expect(part).toMatchObject(rowOf(theirs))
  }
}

const corpus = hasCorpus
  ? readdirSync(corpusPath(""), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".exr"))
      .sort()
  : []

describe("what exrheader prints of a file is what an inspection tells", () => {
  it("of every EXR of the corpus", { timeout: 600_000 }, async (test) => {
    if (missing !== null || !hasCorpus) return test.skip(missing ?? "the corpus is not here")
    for (const name of corpus) {
      const printed = await exrheader(corpusPath(name))
      if (printed === null) throw new Error(`exrheader does not read ${name}`)
      expectAgreement(await whole(corpusPath(name)), printed)
    }
    expect(corpus.length).toBeGreaterThan(50)
  })

  it("of tiled, deep, multi-part, multi-view and mip-mapped files, of every compression and every type of attribute", async (test) => {
    if (missing !== null) return test.skip(missing)
    const parts: PrintedParts[] = []
    for (const path of makeCollection(folder)) {
      const printed = await exrheader(path)
      if (printed === null) throw new Error(`exrheader does not read ${path}`)
      expectAgreement(await whole(path), printed)
      parts.push(printed)
    }
    const values = (name: string) => new Set(parts.flat().map((part) => JSON.stringify(part.get(name)?.value)))
    expect(values("compression").size).toBe(10)
    expect(values("type")).toEqual(new Set(['"scanlineimage"', '"tiledimage"', '"deepscanline"', '"deeptile"']))
    expect(values("lineOrder")).toEqual(new Set(['"increasing"', '"decreasing"', '"random"']))
    expect(parts.filter((all) => all.length > 1)).toHaveLength(2)
  })

  it("of every damaged file that both read; the others are typed failures", { timeout: 600_000 }, async (test) => {
    if (missing !== null || !hasCorpus) return test.skip(missing ?? "the corpus is not here")
    let agreed = 0
    for (const name of corpusNames("openexr-images/Damaged")) {
      const path = corpusPath(`openexr-images/Damaged/${name}`)
      const [printed, inspected] = [await exrheader(path), await inspect(path)]
      if (!inspected.ok) expect(inspected.failure.code).toMatch(/^picture\//)
      if (!inspected.ok || printed === null) continue
      expectAgreement(inspected.value, printed)
      agreed += 1
    }
    expect(agreed).toBeGreaterThan(5)
  })
})
