import { describe, expect, it } from "vitest"
import { codeOf } from "../testing/bench.ts"
import { type Answer, object } from "../testing/fake-s3.ts"
import { fakeStore, REF } from "../testing/fake-store.ts"

const NAMED = { server: "VERSITYGW" }

/** A gateway whose answers to HEAD come from the list, the last one for ever; GET gives the first version. */
async function gateway(heads: readonly Answer[], server: Readonly<Record<string, string>> = NAMED) {
  const fake = await fakeStore()
  let turn = 0
  fake.server.answer(({ method }) => {
    const answer = method === "HEAD" ? heads[Math.min(turn++, heads.length - 1)] : object("12345")
    return { ...answer, headers: { ...answer?.headers, ...server } }
  })
  return fake
}

const version = (body: string, etag: string): Answer => ({ ...object(body, { etag }), body: "" })

const OLD = version("12345", '"e1"')
const NEW = version("1234567", '"e2"')
const MIXED = version("12345", '"e2"')

describe("a gateway that looks at size, attributes and bytes one after the other", () => {
  it("is asked until two answers in a row agree", async () => {
    const { store } = await gateway([MIXED, NEW, NEW])
    await store.tags(REF)
    expect(await store.head(REF)).toMatchObject({ value: { etag: "e2", sizeBytes: 7 } })
  })

  it("is not asked for ever", async () => {
    const { store } = await gateway(Array.from({ length: 99 }, (_, index) => version("12345", `"e${index}"`)))
    await store.tags(REF)
    expect(codeOf(await store.head(REF))).toBe("store/failed")
  })

  it("is not believed that bytes are of the version asked for when that has gone meanwhile", async () => {
    const { store, fetch } = await gateway([NEW])
    await store.tags(REF)
    expect(await fetch()).toMatchObject({ result: { failure: { code: "store/precondition-failed" } }, bytes: null })
    expect(codeOf(await store.readRange(REF, { start: 0, end: 3, ifMatch: "e1" }))).toBe("store/precondition-failed")
    const whole = await gateway([OLD])
    await whole.store.tags(REF)
    expect(await whole.fetch()).toMatchObject({ result: { ok: true }, bytes: "12345" })
  })

  it("costs other servers nothing", async () => {
    const { store, server, fetch } = await gateway([OLD], { server: "AmazonS3" })
    await store.head(REF)
    await fetch()
    expect(server.asked.map(({ method }) => method).slice(1)).toEqual(["HEAD", "GET"])
  })
})
