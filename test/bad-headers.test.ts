import { createHash } from "node:crypto"
import { afterEach, describe, expect, it } from "vitest"
import type { SourceInspected } from "../src/events/records.generated.ts"
import { factBytes } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import {
  doubles,
  exrFile,
  floats,
  type MadeAttribute,
  type MadePart,
  string,
} from "../src/picture/read/header/testing/exr-file.ts"
import type { ObjectStore } from "../src/store/index.ts"
import type { Inspection } from "../src/table/rows.ts"
import { type Driver, drive } from "./driver/index.ts"
import { times } from "./driver/ports.ts"

const KEY = "bad.0001.exr"
const MIB = 1024 * 1024

let driver: Driver
let bytesAsked: number
afterEach(() => driver.close())

const counting = (store: ObjectStore): ObjectStore => ({
  ...store,
  readRange: (ref, range) => {
    bytesAsked += range.end - range.start
    return store.readRange(ref, range)
  },
})

type Ended = { readonly fact: SourceInspected | null; readonly code: string | null; readonly rows: Inspection | null }

/** How the inspection of these bytes ends: one fact with its rows, or one failure, and nothing is left over. */
async function inspected(bytes: Uint8Array, wrap: (store: ObjectStore) => ObjectStore = counting): Promise<Ended> {
  bytesAsked = 0
  driver = await drive({ inspector: true, store: wrap })
  await driver.puts(KEY, bytes)
  await driver.arrives({ key: KEY })
  await driver.passes(3_600_000)
  const [fact = null, ...more] = await driver.facts("source-inspected")
  const failed = (await driver.facts("element-failed")).filter(({ stage }) => stage === "inspect-source")
  expect([more.length, failed.length + (fact === null ? 0 : 1)]).toEqual([0, 1])
  expect([await driver.lag("inspector"), await driver.lag("projector-metadata")]).toEqual([0, 0])
  if (fact !== null) expect(factBytes({ topic: "source-inspected", value: fact }, 1).length).toBeLessThan(126_000)
  const fileId = fact?.source.fileId ?? failed[0]?.source?.fileId ?? ""
  return { fact, code: failed[0]?.code ?? null, rows: unwrap(await driver.table.inspection("show", fileId)) }
}

const RGB = ["B", "G", "R"]
const one = (part: Partial<MadePart>, tailBytes?: number): Uint8Array =>
  exrFile({ parts: [{ channels: RGB, ...part }], ...(tailBytes === undefined ? {} : { tailBytes }) })
const withAttributes = (...attributes: readonly MadeAttribute[]): Uint8Array => one({ attributes })

describe("a header longer than the first range", () => {
  it("is read to its end, with ever larger ranges", async () => {
    const { fact, rows } = await inspected(withAttributes(string("manifest", "x".repeat(5 * MIB)), string("z", "last")))
    expect(fact?.bytesRead).toBe(bytesAsked)
    expect(bytesAsked).toBeGreaterThan(5 * MIB)
    expect(rows?.attributes.map(({ attr_name }) => attr_name)).toContain("z")
  })

  it("is a failure beyond the limit of 16 MiB, of which no more is read", async () => {
    const { code, rows } = await inspected(withAttributes(string("manifest", "x".repeat(17 * MIB))))
    expect([code, rows]).toEqual(["picture/over-limit", null])
    expect(bytesAsked).toBeLessThanOrEqual(64 * 1024)
  })
})

describe("an offset table beyond the first range", () => {
  const tall = { dataWindow: { xMin: 0, yMin: 0, xMax: 9, yMax: 59_999 } }

  it("is no reason to read more", async () => {
    const { fact } = await inspected(one(tall, 60_000 * 8 + 1000))
    expect(fact?.parts[0]?.chunkCount).toBe(60_000)
    expect([fact?.bytesRead, bytesAsked]).toEqual([65_536, 65_536])
  })

  it("is damage where it would end beyond the file", async () => {
    expect(await inspected(one(tall, 60_000 * 8 - 1000))).toMatchObject({ code: "picture/damaged", rows: null })
  })
})

it("1,025 parts are too many, and 1,024 are not", async () => {
  const parts = (count: number): Uint8Array => {
    const part = (index: number) => ({
      channels: ["Y"],
      attributes: [string("name", String(index)), string("type", "scanlineimage")],
    })
    return exrFile({ flags: 0x1000, parts: Array.from({ length: count }, (_, index) => part(index)), tailBytes: MIB })
  }
  expect(await inspected(parts(1025))).toMatchObject({ code: "picture/over-limit", rows: null })
  await driver.close()
  const { rows, fact } = await inspected(parts(1024))
  expect(rows?.file.multipart_count).toBe(1024)
  expect((rows?.parts.length ?? 0) + (fact?.partsDropped ?? 0)).toBe(1024)
})

it.each([0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0])(
  "an attribute size of %d is damage, and nothing is allocated or read for it",
  async (size) => {
    const bytes = withAttributes(string("owner", "us"))
    const at = Buffer.from(bytes).indexOf("owner\0string\0") + "owner\0string\0".length
    new DataView(bytes.buffer).setUint32(at, size, true)
    expect(await inspected(bytes)).toMatchObject({ code: "picture/damaged", rows: null })
    expect(bytesAsked).toBeLessThanOrEqual(64 * 1024)
  },
)

describe("names that are none", () => {
  it("hold no NUL in any column", async () => {
    const { rows } = await inspected(
      withAttributes(string("name", "a\0b"), string("view", "\0"), string("owner", "\0c")),
    )
    expect(rows?.parts).toMatchObject([{ part_name: "a\uFFFDb", view_name: "\uFFFD" }])
    expect(rows?.attributes).toContainEqual(expect.objectContaining({ attr_name: "owner", value_text: "\uFFFDc" }))
    expect(JSON.stringify(rows).replaceAll("\\\\u0000", "")).not.toContain("\\u0000")
  })

  it("of an attribute and 10 MB long are damage", async () => {
    expect(await inspected(withAttributes(string("n".repeat(1e7), "x")))).toMatchObject({ code: "picture/damaged" })
    expect(bytesAsked).toBeLessThanOrEqual(64 * 1024)
  })

  it("of a part and 10 MB long are cut, with length and hash of the whole", async () => {
    const name = "n".repeat(1e7)
    const { rows, fact } = await inspected(withAttributes(string("name", name)))
    expect(rows?.parts[0]?.part_name).toBe("n".repeat(255))
    expect(fact?.parts[0]?.attributes).toContainEqual(
      expect.objectContaining({
        name: "name",
        sizeBytes: 1e7,
        truncated: true,
        sha256: createHash("sha256").update(name).digest("hex"),
      }),
    )
  })
})

const leavesOf = (value: unknown): readonly unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [value]

it("NaN in every float gives rows that every database and every JSON reader takes", async () => {
  const nans = (count: number) => Array.from({ length: count }, () => Number.NaN)
  const types = { float: 1, v2f: 2, v3f: 3, box2f: 4, chromaticities: 8, m33f: 9, m44f: 16, floatvector: 5 }
  const wide = { double: 1, v2d: 2, v3d: 3, m33d: 9, m44d: 16 }
  const { rows } = await inspected(
    withAttributes(
      ["pixelAspectRatio", "float", floats(Number.NaN)],
      ["screenWindowWidth", "float", floats(Number.NaN)],
      ["screenWindowCenter", "v2f", floats(...nans(2))],
      ...Object.entries(types).map(([type, count]) => [`a ${type}`, type, floats(...nans(count))] as const),
      ...Object.entries(wide).map(([type, count]) => [`a ${type}`, type, doubles(...nans(count))] as const),
    ),
  )
  expect(rows?.parts[0]?.pixel_aspect_ratio).toBeNull()
  const floating = rows?.attributes.filter(({ value_json }) => value_json.includes("NaN")) ?? []
  expect(floating).toHaveLength(3 + Object.keys({ ...types, ...wide }).length)
  for (const { value_json, value_float, value_int } of floating) {
    expect([value_float, value_int]).toEqual([null, null])
    expect(new Set(leavesOf(JSON.parse(value_json)))).toEqual(new Set(["NaN"]))
  }
})

it("an object that shrinks between HEAD and GET is inspected as what it has become", async () => {
  const isFirst = times(1)
  const { fact, code, rows } = await inspected(one({ channels: [...RGB, "A"] }, 100_000), (store) => ({
    ...store,
    readRange: async (ref, range) => {
      if (isFirst()) await driver.puts(KEY, one({ channels: ["Y"] }, 2000))
      return store.readRange(ref, range)
    },
  }))
  expect(code).toBeNull()
  expect(rows?.channels.map(({ channel_name }) => channel_name)).toEqual(["Y"])
  expect(fact?.source.sizeBytes).toBeLessThan(10_000)
})
