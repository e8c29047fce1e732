import { describe, expect, it } from "vitest"
import { collect } from "../../events/result.ts"
import { elementCreated } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { elementRow } from "../../table/testing/rows.ts"
import { openTestServing, type TestServing } from "../testing/serving.ts"

const row = (key: string, state: "failed" | "done" | "removed" | "queued" | "dismissed", code: string | null = null) =>
  elementRow({ bucket: "bucket", key, state, element_id: `id of ${key}`, failure_code: code, attempt: 2 })

const ROWS = [
  row("sh010/a.exr", "failed", "picture/damaged"),
  row("sh010/b.exr", "failed", "tool/timed-out"),
  row("sh010/c.exr", "done"),
  row("sh010/d.exr", "removed"),
  row("sh010/e.exr", "dismissed", "picture/damaged"),
  row("sh020/f.exr", "failed", "picture/damaged"),
]

async function serving(options: TestServing = {}) {
  const test = await openTestServing(options)
  await test.merge({ elements: ROWS })
  const arrivals = async () =>
    unwrap(await collect(test.records.log.read("element-created"))).flatMap(({ content }) =>
      "fact" in content && content.fact.topic === "element-created" ? [content.fact.value] : [],
    )
  const keys = async () => (await arrivals()).map(({ element }) => element.key)
  return { ...test, arrivals, keys }
}

describe("a retry over the API", () => {
  it("queues what failed below a prefix, and each fact names who asked", async () => {
    const { post, arrivals } = await serving()
    const { status, body } = await post("/api/v1/retry", { prefix: "sh010/" })
    expect([status, body]).toEqual([202, { accepted: 2, not_found: [] }])
    expect(await arrivals()).toMatchObject([
      { element: { key: "sh010/a.exr", trigger: "retry", attempt: 3, force: false }, requestedBy: "loopback" },
      { element: { key: "sh010/b.exr", trigger: "retry" }, requestedBy: "loopback" },
    ])
  })

  it("queues what failed with these codes, wherever it is", async () => {
    const { post, keys } = await serving()
    expect((await post("/api/v1/retry", { codes: ["picture/damaged"], force: true })).body.accepted).toBe(2)
    expect(await keys()).toEqual(["sh010/a.exr", "sh020/f.exr"])
  })

  it("queues the keys that are named, dismissed ones too, and says which it did not and why", async () => {
    const { post, keys } = await serving()
    const named = ["sh010/a.exr", "sh010/c.exr", "sh010/e.exr", "nobody.exr"].map((key) => ({ bucket: "bucket", key }))
    const { body } = await post("/api/v1/retry", { keys: named })
    expect(body).toEqual({
      accepted: 2,
      not_found: [
        { bucket: "bucket", key: "sh010/c.exr", says: "It is done." },
        { bucket: "bucket", key: "nobody.exr", says: "Nothing is known of it." },
      ],
    })
    expect(await keys()).toEqual(["sh010/a.exr", "sh010/e.exr"])
  })

  it("asked twice before it is taken up, asks once: the arrivals have one id", async () => {
    const { post, arrivals } = await serving()
    await post("/api/v1/retry", { keys: [{ key: "sh010/a.exr" }] })
    await post("/api/v1/retry", { keys: [{ key: "sh010/a.exr" }] })
    expect(new Set((await arrivals()).map(({ element }) => element.elementId)).size).toBe(1)
  })
})

describe("a reprocess over the API", () => {
  it("renders again what is there, forced, and neither what is gone nor what waits already", async () => {
    const { post, arrivals, merge, records } = await serving()
    const waiting = row("sh010/w.exr", "queued")
    await merge({ elements: [waiting] })
    unwrap(
      await records.log.append([elementCreated({ bucket: "bucket", key: waiting.key, elementId: waiting.element_id })]),
    )
    const { body } = await post("/api/v1/reprocess", { prefix: "sh010/" })
    expect(body).toEqual({ accepted: 4, not_found: [] })
    const again = (await arrivals()).slice(1)
    expect(again.map(({ element: { key, trigger, force } }) => [key, trigger, force])).toEqual(
      ["a", "b", "c", "e"].map((name) => [`sh010/${name}.exr`, "reprocess", true]),
    )
    expect((await post("/api/v1/reprocess", { prefix: "sh010/w", force: true })).body.accepted).toBe(1)
  })
})

describe("what is refused", () => {
  it("is a request that chooses nothing, or has a field that nobody knows", async () => {
    const { post, keys } = await serving()
    expect(await post("/api/v1/retry", {})).toMatchObject({
      status: 400,
      body: { error: { code: "request/nothing-chosen" } },
    })
    expect(await post("/api/v1/reprocess", { prefix: "", all: true })).toMatchObject({ status: 400 })
    expect(await post("/api/v1/retry", { keys: Array(201).fill({ key: "a" }) })).toMatchObject({ status: 400 })
    expect(await keys()).toEqual([])
  })

  it("is a prefix without a bucket where there are several", async () => {
    const { post, keys } = await serving({ opened: (opened) => ({ ...opened, buckets: ["bucket", "other"] }) })
    const refused = await post("/api/v1/retry", { prefix: "sh010/" })
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "request/no-bucket" } } })
    expect((await post("/api/v1/retry", { bucket: "other", prefix: "" })).body.accepted).toBe(0)
    expect((await post("/api/v1/retry", { bucket: "bucket", prefix: "sh020/" })).body.accepted).toBe(1)
    expect(await keys()).toEqual(["sh020/f.exr"])
  })

  it("is every write beside the process that owns the state, with what to do instead", async () => {
    const says = "The state is read beside whoever owns it."
    const { post, keys } = await serving({ opened: (opened) => ({ ...opened, readOnly: says }) })
    for (const what of ["retry", "reprocess"])
      expect(await post(`/api/v1/${what}`, { prefix: "" })).toMatchObject({
        status: 409,
        body: { error: { code: "serve/read-only", says } },
      })
    expect(await keys()).toEqual([])
  })

  it("is a form of another site, and whoever only reads", async () => {
    const { post, keys } = await serving()
    const foreign = await post(
      "/api/v1/retry",
      { prefix: "" },
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    )
    expect(foreign.status).toBe(403)
    expect((await post("/api/v1/retry", "prefix=", { "content-type": "text/plain" })).status).toBe(415)
    expect(await keys()).toEqual([])
  })
})
