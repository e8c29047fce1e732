import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compareKeys } from "../../element/key-order.ts"
import type { Fact } from "../../events/fact.ts"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { elementOf } from "../../events/testing/sequence-facts.ts"
import type { ObjectEntry } from "../../store/index.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import { elementRow } from "../../table/testing/rows.ts"
import { listedOutputs, missingRows, rowsInOrder } from "./in-order.ts"

const DENIED = failed(failure("store/denied", "A folder may not be read."))

const entry = (key: string): Result<ObjectEntry> =>
  done({ bucket: "b", key, etag: "e", sizeBytes: 1, lastModifiedMs: 1, sourceVersion: "v" })

function tableOf(rows: readonly Result<ElementRow>[]): Pick<Table, "element" | "elements"> {
  return {
    element: () => Promise.resolve(done(null)),
    async *elements() {
      yield* rows
    },
  }
}

const rowsOf = (...keys: readonly string[]) =>
  keys.map((key) => done(elementRow({ bucket: "b", key, element_id: `arrival of ${key}` })))

/** Which keys are reported when a listing of these values is followed, to its end where `ends`. */
async function reportedBy(
  rows: readonly Result<ElementRow>[],
  listing: readonly Result<ObjectEntry>[],
  ends = true,
): Promise<readonly string[]> {
  const facts: Fact[] = []
  const inOrder = rowsInOrder(tableOf(rows), { bucket: "b", prefix: "" })
  const missing = missingRows(
    inOrder,
    async (some) => {
      facts.push(...some)
      return done(undefined)
    },
    () => 1_000,
  )
  for (const listed of listing) {
    expect((await missing.follow(listed)).ok).toBe(true)
    // As a scan does: it looks each listed object up between two values.
    if (listed.ok) await inOrder.element("b", listed.value.key)
  }
  if (ends) await missing.follow(null)
  expect(missing.reported()).toBe(facts.length)
  return facts.map((fact) => elementOf(fact).key)
}

describe("what a listing misses", () => {
  it("is every row between, before and after what it names", async () => {
    const rows = rowsOf("a", "b", "c", "d", "e")
    expect(await reportedBy(rows, ["b", "d"].map(entry))).toEqual(["a", "c", "e"])
    expect(await reportedBy(rows, ["a", "b", "c", "d", "e"].map(entry))).toEqual([])
    expect(await reportedBy(rows, [])).toEqual(["a", "b", "c", "d", "e"])
  })

  it("is nothing behind the place where it was broken off", async () => {
    expect(await reportedBy(rowsOf("a", "b", "c"), [entry("b")], false)).toEqual(["a"])
  })

  it("is nothing between two names where something could not be listed, nor behind the last failure", async () => {
    const rows = rowsOf("a/1", "b/1", "b/2", "d/1", "f/1")
    const listing = [entry("a/0"), DENIED, entry("c/1"), entry("e/1"), DENIED]
    expect(await reportedBy(rows, listing)).toEqual(["d/1"])
  })

  it("is nothing that is known to be gone already", async () => {
    const rows = [done(elementRow({ bucket: "b", key: "a", state: "removed" })), ...rowsOf("b")]
    expect(await reportedBy(rows, [])).toEqual(["b"])
  })

  it("is nothing from where the rows could not be read", async () => {
    const away = failed(failure("table/unreachable", "The query was given up."))
    expect(await reportedBy([...rowsOf("a"), away, ...rowsOf("c")], [entry("b")])).toEqual(["a"])
  })

  it("is known by the row: missed twice, it is the same report, later than all that the row tells", async () => {
    const facts: Fact[] = []
    const row = elementRow({ bucket: "b", key: "a", version_order: "009000000000000~x", changed_at_ms: 5 })
    for (const _ of [1, 2]) {
      const inOrder = rowsInOrder(tableOf([done(row)]), { bucket: "b", prefix: "" })
      await missingRows(inOrder, async (some) => done(void facts.push(...some)), Date.now).follow(null)
    }
    expect(facts[0]?.value.factId).toBe(facts[1]?.value.factId)
    expect(facts[0]).toMatchObject({ value: { logicalTimeMs: 9_000_000_000_000, element: { trigger: "listing" } } })
  })

  it("fails when the log does", async () => {
    const inOrder = rowsInOrder(tableOf(rowsOf("a")), { bucket: "b", prefix: "" })
    const away = failed(failure("log/unreachable", "No broker answers."))
    expect(await missingRows(inOrder, () => Promise.resolve(away), Date.now).follow(null)).toEqual(away)
  })

  it("is the difference of any two sets of keys, in the order of their bytes", async () => {
    const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3, unit: "binary" }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(keys, keys, async (known, listed) => {
        const sorted = [...known].sort(compareKeys)
        const reported = await reportedBy(rowsOf(...sorted), [...listed].sort(compareKeys).map(entry))
        expect(reported).toEqual(sorted.filter((key) => !listed.includes(key)))
      }),
      { numRuns: 100 },
    )
  })
})

const entryOf = (key: string) =>
  done({ bucket: "b", key, etag: "e", sizeBytes: 1, lastModifiedMs: 0, sourceVersion: "v" })

const inOrder = (keys: readonly string[]): string[] =>
  [...new Set(keys)].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))

describe("outputs that the listing has told of", () => {
  it("are known when their source comes, and so are those that are not there", () => {
    const outputs = listedOutputs("")
    for (const key of ["shot/.proxies/a_thumb.jpg", "shot/a.exr"]) outputs.note(entryOf(key))
    expect(outputs.has({ bucket: "b", key: "shot/.proxies/a_thumb.jpg" })).toBe(true)
    expect(outputs.has({ bucket: "b", key: "shot/.proxies/a_proxy.mp4" })).toBe(false)
  })

  it("are unknown where the source sorts before them, the prefix leaves them out, or the listing had a hole", () => {
    const early = listedOutputs("")
    early.note(entryOf("shot/!a.exr"))
    expect(early.has({ bucket: "b", key: "shot/.proxies/!a_thumb.jpg" })).toBeNull()
    const narrow = listedOutputs("shot/a")
    narrow.note(entryOf("shot/a.exr"))
    expect(narrow.has({ bucket: "b", key: "shot/.proxies/a_thumb.jpg" })).toBeNull()
    const holed = listedOutputs("")
    holed.note(failed(failure("store/denied", "no")))
    holed.note(entryOf("shot/a.exr"))
    expect(holed.has({ bucket: "b", key: "shot/.proxies/a_thumb.jpg" })).toBeNull()
  })

  it("never says what is not so, whatever the tree", () => {
    const segment = fc.constantFrom("a", "b", "-", "z", "é", ".proxies", "a.b", "😀")
    const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"))
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const listed = inOrder(keys)
        const outputs = listedOutputs("")
        for (const at of listed) {
          outputs.note(entryOf(at))
          for (const asked of keys) {
            const told = outputs.has({ bucket: "b", key: asked })
            if (told !== null) expect(told).toBe(listed.includes(asked))
          }
          const missing = `${at.slice(0, at.lastIndexOf("/") + 1)}.proxies/nothing_thumb.jpg`
          expect(outputs.has({ bucket: "b", key: missing })).not.toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})
