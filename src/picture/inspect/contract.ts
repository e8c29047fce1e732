import { describe, expect, it } from "vitest"
import { failed, failure } from "../../events/result.ts"
import type { HeaderInspector } from "../index.ts"
import type { Inspected } from "../model.ts"
import { BEYOND_LIMITS, type BeyondLimit, DEFAULT_LIMITS, type HeaderLimits } from "../read/header/limits.ts"
import { dpxFile } from "../read/header/testing/dpx-file.ts"
import { exrFile, string } from "../read/header/testing/exr-file.ts"
import { tiffFile } from "../read/header/testing/tiff-file.ts"
import { hostileHeaderContract } from "./testing/hostile-headers.ts"
import { LIMIT_CASES } from "./testing/limit-cases.ts"
import { watchedSource } from "./testing/watched-source.ts"

const FIRST_BYTES = 64 * 1024

/** What every HeaderInspector promises (its port is in picture/index.ts), under the limits that it is opened with. */
export function headerInspectorContract(name: string, open: (limits: HeaderLimits) => HeaderInspector): void {
  describe(`${name} as an inspector of headers`, () => {
    describe("reads no more than it needs", () => readingContract(open(DEFAULT_LIMITS)))
    describe("of a source that changes or cannot be read", () => failingContract(open(DEFAULT_LIMITS)))
    describe("of a hostile header", () => hostileHeaderContract(open({ ...DEFAULT_LIMITS, headerBytes: 256 * 1024 })))
    describe("its limits", () => limitsContract(open))
  })
}

const noted = (lengthBytes: number, tailBytes = 8_000_000): Uint8Array =>
  exrFile({
    parts: [{ channels: ["B", "G", "R"], attributes: [string("note", "x".repeat(lengthBytes)), string("z", "z")] }],
    tailBytes,
  })

const TAGS = [
  [256, 4, [4096]],
  [257, 4, [512]],
  [258, 3, [8, 8, 8]],
  [262, 3, [2]],
  [277, 3, [3]],
] as const

function readingContract(inspector: HeaderInspector): void {
  async function readsOf(key: string, bytes: Uint8Array) {
    const source = watchedSource(key, bytes)
    const inspected = await inspector.inspect(source)
    const all = source.reads.reduce((sum, [, lengthBytes]) => sum + lengthBytes, 0)
    expect(inspected).toMatchObject({ ok: true, value: { bytesRead: all } })
    return source.reads
  }

  it("the first 64 KiB of an ordinary file, and says how many bytes it was", async () => {
    expect(await readsOf("a.exr", noted(10))).toEqual([[0, FIRST_BYTES]])
    const dpx = dpxFile({ width: 256, height: 256 })
    expect(await readsOf("a.dpx", dpx)).toEqual([[0, FIRST_BYTES]])
  })

  it("the whole of a file that is smaller, once", async () => {
    const bytes = noted(10, 4096)
    expect(await readsOf("a.exr", bytes)).toEqual([[0, bytes.length]])
  })

  it("up to 256 KiB and what a longer header needs, without holes", async () => {
    expect(await readsOf("a.exr", noted(100_000))).toEqual([
      [0, FIRST_BYTES],
      [FIRST_BYTES, 262_144 - FIRST_BYTES],
    ])
    expect(await readsOf("a.exr", noted(3_000_000))).toEqual([
      [0, FIRST_BYTES],
      [FIRST_BYTES, 262_144 - FIRST_BYTES],
      [262_144, 4_194_304 - 262_144],
    ])
    const [, , last, ...more] = await readsOf("a.exr", noted(6_000_000))
    expect((last?.[0] ?? 0) + (last?.[1] ?? 0) - 6_000_000).toBeLessThan(100_000)
    expect(more).toEqual([])
  })

  it("the directory at the end of a large TIFF, and nothing of the pixels before it", async () => {
    const bytes = tiffFile({ directories: [{ tags: TAGS, pixels: new Uint8Array(4096 * 512 * 3) }] })
    const [first, second, ...more] = await readsOf("a.tif", bytes)
    expect([first, more]).toEqual([[0, FIRST_BYTES], []])
    expect(second?.[0]).toBeGreaterThan(4096 * 512 * 3)
  })

  it("nothing of an empty source", async () => {
    const source = watchedSource("a.exr", new Uint8Array(0))
    expect(await inspector.inspect(source)).toMatchObject({ ok: false, failure: { code: "picture/empty" } })
    expect(source.reads).toEqual([])
  })
}

function failingContract(inspector: HeaderInspector): void {
  const codeAfter = async (goodReads: number, answer: ReturnType<typeof failed> | Uint8Array) => {
    const answered = answer instanceof Uint8Array ? ({ ok: true, value: answer } as const) : answer
    const source = watchedSource("a.exr", noted(100_000), {
      answer: (earlierReads) => (earlierReads < goodReads ? null : answered),
    })
    const inspected = await inspector.inspect(source)
    return inspected.ok ? "told" : `${inspected.failure.code}, ${inspected.failure.kind}`
  }

  it.each([0, 1])("gives the failure of the source as it is, after %d reads", async (goodReads) => {
    const codes = ["source/changed", "source/gone", "store/denied", "store/failed"] as const
    for (const code of codes) {
      const told = failure(code, "Said by the store.")
      expect(await codeAfter(goodReads, failed(told))).toBe(`${code}, ${told.kind}`)
    }
  })

  it.each([0, 1])("says source/changed, which passes, where it became shorter after %d reads", async (goodReads) => {
    expect(await codeAfter(goodReads, new Uint8Array(7))).toBe("source/changed, transient")
  })

  it.each([
    ["a.txt", noted(10), "source/unsupported-type"],
    ["a.dpx", noted(10), "picture/not-a-picture"],
    ["a.exr", new TextEncoder().encode("hello, world"), "picture/not-a-picture"],
    ["a.exr", noted(10).subarray(0, 150), "picture/damaged"],
  ])("says what is wrong with %s of other bytes than its name promises, or of too few", async (key, bytes, code) => {
    expect(await inspector.inspect(watchedSource(key, bytes))).toMatchObject({ ok: false, failure: { code } })
  })
}

const isCut = ({ parts }: Inspected): boolean =>
  parts.some(({ attributes }) => attributes.some(({ truncated }) => truncated))

/** What came of a header, in the words of BEYOND_LIMITS. */
function fateOf(inspected: Awaited<ReturnType<HeaderInspector["inspect"]>>): BeyondLimit | "told" {
  if (!inspected.ok) {
    expect(inspected.failure).toMatchObject({ code: "picture/over-limit", kind: "permanent" })
    return "refused"
  }
  const { header } = inspected.value
  if (header.warnings.length > 0) return "left out"
  if (isCut(header)) return "cut"
  return header.parts.some(({ colorSpace }) => colorSpace === null) ? "not shown" : "told"
}

function limitsContract(open: (limits: HeaderLimits) => HeaderInspector): void {
  const names = Object.keys(BEYOND_LIMITS) as (keyof HeaderLimits)[]

  it("are all declared", () => {
    expect(names.toSorted()).toEqual(Object.keys(DEFAULT_LIMITS).toSorted())
  })

  it.each(names.map((limit) => [limit, BEYOND_LIMITS[limit]] as const))(
    "hold for %s: within it a header is told, beyond it is %s",
    async (limit, fate) => {
      const { key, limits, within, beyond } = LIMIT_CASES[limit]
      const inspector = open({ ...DEFAULT_LIMITS, ...limits })
      expect(fateOf(await inspector.inspect(watchedSource(key, within)))).toBe("told")
      expect(fateOf(await inspector.inspect(watchedSource(key, beyond)))).toBe(fate)
    },
  )

  it("are of the inspector that was opened with them: others tell the same header", async () => {
    const inspector = open(DEFAULT_LIMITS)
    for (const { key, beyond } of Object.values(LIMIT_CASES))
      expect(await inspector.inspect(watchedSource(key, beyond))).toMatchObject({ ok: true })
  })
}
