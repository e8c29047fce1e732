import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ELEMENTS, PROXY_OUTPUTS } from "../sqlite-schema.ts"
import { elementRow, proxyOutput } from "../testing/rows.ts"
import { compare, deduplicated, statementParts } from "./batch.ts"
import { mergeStatement } from "./sql.ts"

describe("rows of one batch", () => {
  it("leave one row a key, the same for any order", () => {
    const rows = fc.array(fc.record({ id: fc.nat(3), second: fc.nat(2), size: fc.nat(12) }), { maxLength: 20 })
    fc.assert(
      fc.property(
        rows.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray([...given, ...given]))),
        ([given, some]) => {
          const outputs = [...given, ...some].map(({ id, second, size }) =>
            proxyOutput({ proxy_id: `p${id}`, generated_timestamp: `${second}`, proxy_size_bytes: size }),
          )
          const kept = deduplicated(PROXY_OUTPUTS, outputs)
          expect(new Set(kept.map((row) => row.proxy_id)).size).toBe(kept.length)
          for (const row of outputs) {
            const winner = kept.find(({ proxy_id }) => proxy_id === row.proxy_id)
            expect(winner && compare(PROXY_OUTPUTS, winner, row)).toBeGreaterThanOrEqual(0)
          }
        },
      ),
    )
  })

  it("are compared as SQL compares them: by time, then column for column, texts by their bytes, absent least", () => {
    const beats = (a: object, b: object): boolean => compare(ELEMENTS, elementRow(a), elementRow(b)) > 0
    expect(beats({ version_order: "2", state: "a" as "done" }, { version_order: "1", state: "b" as "done" })).toBe(true)
    expect(beats({ failure_says: "🎬" }, { failure_says: "ﬁ" })).toBe(true)
    expect(beats({ attempts: 10 }, { attempts: 9 })).toBe(true)
    expect(beats({ file_id: "0" }, { file_id: null })).toBe(true)
    expect(compare(ELEMENTS, elementRow({ stage: "" }), elementRow({ stage: null }))).toBe(0)
  })

  it("keep keys apart that look alike once joined", () => {
    const rows = [elementRow({ bucket: "a", key: "b/c" }), elementRow({ bucket: "a/b", key: "c" })]
    expect(deduplicated(ELEMENTS, rows)).toHaveLength(2)
  })

  it("become statements below the server's limit, whatever has to be escaped", () => {
    const rows = Array.from({ length: 3000 }, (_, index) =>
      elementRow({ key: `${index}`, failure_says: "'\u0001\"".repeat(500) }),
    )
    const statements = [...statementParts(ELEMENTS, rows)].map((part) => mergeStatement(ELEMENTS, "t", part))
    expect(statements.length).toBeGreaterThan(10)
    expect(Math.max(...statements.map(({ length }) => length))).toBeLessThan(1_000_000)
    const keys = [...statementParts(ELEMENTS, rows)].flat().map((row) => JSON.parse(row)[1])
    expect(keys).toEqual(rows.map(({ key }) => key))
    expect([...statementParts(ELEMENTS, [])]).toEqual([])
  })
})
