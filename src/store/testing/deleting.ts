import { expect, it } from "vitest"
import { type Bench, codeOf, keysOf, valued } from "./bench.ts"

const OUTPUT = "sh 010/.proxies/a#1_thumb.jpg"

export function deleteContract(bench: () => Bench): void {
  it("takes an output away with all that was known of it, and nothing beside it", async () => {
    const { store, ref, put, list } = bench()
    const { etag } = valued(await put(OUTPUT, "a", { metadata: { made: "1" }, tags: { t: "1" } }))
    valued(await put("sh 010/.proxies/b_thumb.jpg", "b"))
    valued(await put("sh 010/a#1.exr", "source"))
    valued(await store.delete(ref(OUTPUT), { ifMatch: etag }))
    expect(codeOf(await store.head(ref(OUTPUT)))).toBe("store/missing")
    expect(keysOf(await list())).toEqual(["sh 010/.proxies/b_thumb.jpg", "sh 010/a#1.exr"])
    valued(await put(OUTPUT, "again", { ifAbsent: true }))
    expect(valued(await store.head(ref(OUTPUT))).metadata).toEqual({})
  })

  it("is done where nothing is, also in a folder that is not there", async () => {
    const { store, ref, put } = bench()
    const { etag } = valued(await put(OUTPUT, "a"))
    valued(await store.delete(ref(OUTPUT), { ifMatch: etag }))
    valued(await store.delete(ref(OUTPUT), { ifMatch: etag }))
    valued(await store.delete(ref("no/such/.proxies/a.jpg"), { ifMatch: etag }))
  })

  it("leaves another version alone", async () => {
    const { store, ref, put } = bench()
    const { etag } = valued(await put(OUTPUT, "first"))
    valued(await put(OUTPUT, "second, and longer"))
    expect(codeOf(await store.delete(ref(OUTPUT), { ifMatch: etag }))).toBe("store/precondition-failed")
    expect(valued(await store.head(ref(OUTPUT))).sizeBytes).toBe(18)
  })

  it.each([
    "sh010/a.exr",
    ".proxies",
    "sh010/.proxies/",
    "sh010/my.proxies/a.jpg",
    "sh010/.proxies/../a.exr",
    "../.proxies/a.jpg",
    "",
  ])("throws at a caller that would delete %j, which is no output, and deletes nothing", async (key) => {
    const { store, ref, put, list } = bench()
    const { etag } = valued(await put("sh010/a.exr", "source"))
    await expect(store.delete(ref(key), { ifMatch: etag })).rejects.toThrow(RangeError)
    expect(keysOf(await list())).toEqual(["sh010/a.exr"])
  })
}
