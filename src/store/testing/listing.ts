import { expect, it } from "vitest"
import { compareKeys } from "../../element/key-order.ts"
import { unwrap } from "../../events/testing/results.ts"
import { codeOf, collected, keysOf, ODD_KEYS, type StoreFixture } from "./store-fixture.ts"

/** In the order of their bytes, where folders, UTF-16 and the alphabet each have another opinion. */
const IN_ORDER: readonly string[] = [
  "Z.exr",
  "a b.exr",
  "a-b.exr",
  "a-b/c.exr",
  "a.exr",
  "a/b-c.exr",
  "a/b.exr",
  "a/b/c.exr",
  "a0.exr",
  "ab.exr",
  "z.exr",
  "é.exr",
  "ﬁ.exr",
  "🎬.exr",
]

async function putAll(fixture: StoreFixture, keys: readonly string[]): Promise<void> {
  for (const key of keys) unwrap(await fixture.put(key, key))
}

export function listContract(fixture: () => StoreFixture): void {
  it("lists every object in the order of the keys' bytes", async () => {
    await putAll(fixture(), IN_ORDER.toReversed())
    expect(keysOf(await fixture().list())).toEqual(IN_ORDER)
  })

  it("lists nothing of an empty bucket", async () => {
    expect(await fixture().list()).toEqual([])
  })

  it("lists each key as it was put, however odd", async () => {
    await putAll(fixture(), ODD_KEYS)
    expect(keysOf(await fixture().list())).toEqual(ODD_KEYS.toSorted(compareKeys))
  })

  it("knows of each object what head knows", async () => {
    const { store, ref, list } = fixture()
    await putAll(fixture(), ["a.exr", "b/c.exr"])
    for (const entry of (await list()).map(unwrap))
      expect(unwrap(await store.head(ref(entry.key)))).toMatchObject(entry)
  })

  it("gives the same keys alone, where it gives keys alone", async () => {
    const { store, bucket } = fixture()
    await putAll(fixture(), [...IN_ORDER, ...ODD_KEYS])
    const keys = store.listKeys === undefined ? [...IN_ORDER, ...ODD_KEYS] : []
    for await (const some of store.listKeys?.(bucket) ?? []) keys.push(...some)
    expect(keys.toSorted(compareKeys)).toEqual(keysOf(await fixture().list()))
  })

  it("no longer lists what somebody has deleted", async () => {
    await putAll(fixture(), ["a.exr", "b/c.exr", "d.exr"])
    await fixture().erase("b/c.exr")
    expect(keysOf(await fixture().list())).toEqual(["a.exr", "d.exr"])
  })

  it("ends with a failure where the bucket is missing", async () => {
    const listed = await collected(fixture().store.list("no-such-bucket-here"))
    expect(listed.map(codeOf)).toEqual(["store/missing"])
  })
}

export function listPartContract(fixture: () => StoreFixture): void {
  it("lists what is under a prefix, which need not end with a folder", async () => {
    await putAll(fixture(), IN_ORDER)
    for (const prefix of ["", "a", "a/", "a/b", "a/b/", "a-b", "a/b/c.exr", "é", "none", "a//", "/a", "../", "a/.."])
      expect([prefix, keysOf(await fixture().list({ prefix }))]).toEqual([
        prefix,
        IN_ORDER.filter((k) => k.startsWith(prefix)),
      ])
  })

  it("goes on after any key, whether it exists or not", async () => {
    await putAll(fixture(), IN_ORDER)
    for (const startAfter of [...IN_ORDER, "a", "a/", "a/b", "a/b/", "a/zzz", "A", "é", "\u{10ffff}"])
      expect([startAfter, keysOf(await fixture().list({ startAfter }))]).toEqual([
        startAfter,
        IN_ORDER.filter((key) => compareKeys(key, startAfter) > 0),
      ])
    expect(keysOf(await fixture().list({ prefix: "a/", startAfter: "a/b.exr" }))).toEqual(["a/b/c.exr"])
  })

  it("can be left before its end", async () => {
    await putAll(fixture(), IN_ORDER)
    for await (const first of fixture().store.list(fixture().bucket)) {
      expect(unwrap(first).key).toBe(IN_ORDER[0])
      break
    }
    expect(keysOf(await fixture().list()).length).toBe(IN_ORDER.length)
  })
}
