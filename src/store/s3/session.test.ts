import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { systemClock } from "../../system/clock.ts"
import { type Answer, fakeStore, object, REF } from "../testing/fake-s3.ts"
import { codeOf } from "../testing/store-fixture.ts"
import { corrected } from "./session.ts"

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

const HOUR = 3_600_000

describe("the store's clock", () => {
  it("is heard in the Date of its answers, whatever this machine's clock says", async () => {
    for (const aheadMs of [HOUR, -HOUR, 0]) {
      const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs }
      const { store } = await fakeStore({ clock })
      expect(Math.abs(store.nowMs() - Date.now())).toBeLessThanOrEqual(2_000)
    }
  })

  it("lies within the second that was named, and changes no clock that agrees", () => {
    const times = fc.integer({ min: 0, max: 1_000_000 })
    fc.assert(
      fc.property(fc.integer({ min: -HOUR, max: HOUR }), times, times, (aheadMs, second, nowMs) => {
        const secondMs = second * 1000
        const right = nowMs + corrected(aheadMs, secondMs, nowMs)
        expect(Math.floor(right / 1000)).toBe(second)
        if (Math.floor((nowMs + aheadMs) / 1000) === second) expect(right).toBe(nowMs + aheadMs)
      }),
    )
  })

  it("stays as it was where an answer names no time", () => {
    expect(corrected(17, Number.NaN, 5)).toBe(17)
  })
})
