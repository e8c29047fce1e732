import fc from "fast-check"
import { expect, it } from "vitest"
import type { SourceInspected } from "../../../events/records.generated.ts"
import { element, factBytes, source } from "../../../events/testing/facts.ts"
import type { HeaderInspector } from "../../index.ts"
import type { Inspected } from "../../model.ts"
import { corpusBytes, corpusNames, hasCorpus } from "../../read/header/testing/corpus.ts"
import { dpxFile } from "../../read/header/testing/dpx-file.ts"
import { exrFile, floats, ints, string, texts } from "../../read/header/testing/exr-file.ts"
import { tiffFile } from "../../read/header/testing/tiff-file.ts"
import { watchedSource } from "./watched-source.ts"

const part = (name: string) => ({
  channels: ["B", "G", "R", "crypto00.R"],
  attributes: [
    string("name", name),
    string("type", "scanlineimage"),
    string("cryptomatte/1/manifest", '{"a":"00000000"}'.repeat(200)),
    ["preview", "preview", new Uint8Array(8 + 16)] as const,
    ["timeCode", "timecode", ints(0x01020304, 0)] as const,
    ["chromaticities", "chromaticities", floats(1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3)] as const,
    ["multiView", "stringvector", texts("left", "right")] as const,
    ["tiles", "tiledesc", Uint8Array.of(32, 0, 0, 0, 32, 0, 0, 0, 1)] as const,
  ],
})

const TAGS = [
  [256, 4, [4]],
  [257, 4, [4]],
  [258, 3, [8, 8, 8]],
  [262, 3, [2]],
  [277, 3, [3]],
  [305, 2, "a writer of files"],
  [34675, 7, [1, 2, 3, 4, 5, 6, 7, 8]],
] as const

const HEADERS: Readonly<Record<string, Uint8Array>> = {
  "single.0001.exr": exrFile({ parts: [part("a")] }),
  "multi.0001.exr": exrFile({ flags: 0x1000, parts: [part("a"), part("b")] }),
  "film.0001.dpx": dpxFile({ width: 8, height: 8, fields: [[1724, "f32", 24]] }),
  "scan.0001.tif": tiffFile({ directories: [1, 2].map(() => ({ tags: TAGS, pixels: new Uint8Array(48) })) }),
}

/** Every header that can be read makes a fact that the schema takes and that fits a broker. */
function expectFit(header: Inspected | string): void {
  if (typeof header === "string") {
    expect(header).toMatch(/^picture\/[a-z-]+$/)
    return
  }
  const value: SourceInspected = {
    factId: "f",
    causationId: "c",
    recordedAtMs: 0,
    element: element(),
    source: source(),
    ...header,
    bytesRead: 0,
    inspectedAtUs: 0,
    generatorVersion: "3",
  }
  expect(factBytes({ topic: "source-inspected", value }, 1).length).toBeLessThan(126_000)
}

const mutation = fc.record({ at: fc.nat(6000), byte: fc.constantFrom(0, 1, 2, 32, 127, 128, 254, 255) })

/** Any header, however damaged, ends as a fact that the schema takes or as a failure that is a value. */
export function hostileHeaderContract(inspector: HeaderInspector): void {
  const inspect = async (bytes: Uint8Array, key: string, sizeBytes = bytes.length): Promise<Inspected | string> => {
    const watched = watchedSource(key, bytes, { sizeBytes })
    const inspected = await inspector.inspect(watched)
    expect(watched.reads.length).toBeLessThan(200)
    return inspected.ok ? inspected.value.header : inspected.failure.code
  }

  it.each(Object.keys(HEADERS))(
    "%s, some bytes of it changed, ends as a fact that fits or as a failure",
    async (key) => {
      const bytes = HEADERS[key] ?? new Uint8Array(0)
      expect(typeof (await inspect(bytes, key))).toBe("object")
      await fc.assert(
        fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 8 }), async (changes) => {
          const copy = bytes.slice()
          for (const { at, byte } of changes) copy[at % copy.length] = byte
          expectFit(await inspect(copy, key))
        }),
        { numRuns: 300 },
      )
    },
  )

  it.each(Object.keys(HEADERS))("%s, cut anywhere or promising a larger file, ends too", async (key) => {
    const bytes = HEADERS[key] ?? new Uint8Array(0)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), fc.constantFrom(0, 1000, 2 ** 33), async (end, more) => {
        expectFit(await inspect(bytes.subarray(0, end), key, end + more))
      }),
      { numRuns: 100 },
    )
  })

  it("put together of pieces of the corpus's damaged files, ends too", async (test) => {
    if (!hasCorpus) return test.skip("the corpus is not here")
    const folder = "openexr-images/Damaged"
    const files = corpusNames(folder).map((name) => corpusBytes(`${folder}/${name}`).subarray(0, 20_000))
    const piece = fc.tuple(fc.nat(files.length - 1), fc.nat(2000), fc.nat(2000))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 4 }), async (pieces) => {
        const parts = pieces.map(([file, start, length]) => files[file]?.subarray(start, start + length) ?? [])
        const magic = Uint8Array.of(0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0)
        expectFit(await inspect(Buffer.concat([magic, ...parts.map(Buffer.from)]), "a.exr"))
      }),
      { numRuns: 200 },
    )
  })
}
