import { describe, expect, it } from "vitest"
import { done, failed, failure } from "../../events/result.ts"
import type { Table } from "../../table/index.ts"
import { elementRow, proxyOutput, sequenceRow } from "../../table/testing/rows.ts"
import { openTestServing } from "../testing/serving.ts"

const output = (key: string, second: number) =>
  proxyOutput({
    s3_key: key,
    proxy_id: `id-${key}`,
    thumbnail_s3_key: `.proxies/${key}_thumb.jpg`,
    proxy_s3_key: `.proxies/${key}_proxy.mp4`,
    generated_timestamp: `2026-04-01T00:00:0${second}.000000+00:00`,
  })

const SIGNED = { url: expect.stringMatching(/^\/media\/bucket\/\.proxies\//), expires_at: expect.any(String) }

describe("outputs", () => {
  it("are listed page by page, each page behind the last row of the one before", async () => {
    const { get, merge } = await openTestServing()
    await merge({ proxyOutputs: ["a", "b", "c"].map((key, index) => output(key, index)) })
    const first = await get("/api/v1/outputs?limit=2&order=newest")
    expect(first.body.outputs).toMatchObject([{ s3_key: "c", state: "current" }, { s3_key: "b" }])
    await merge({ proxyOutputs: [output("d", 9)] })
    const next = `/api/v1/outputs?limit=2&order=newest&cursor=${first.body.next_cursor}`
    expect((await get(next)).body).toMatchObject({ outputs: [{ s3_key: "a" }], next_cursor: null })
  })

  it("are given with addresses, one by one or where a list is asked for them", async () => {
    const { get, merge } = await openTestServing()
    await merge({ proxyOutputs: [output("a", 0)] })
    const urls = { thumbnail: SIGNED, proxy: SIGNED }
    expect((await get("/api/v1/outputs/id-a")).body).toMatchObject({ ...output("a", 0), urls })
    expect((await get("/api/v1/outputs?sign=true")).body.outputs[0].urls).toEqual(urls)
    expect((await get("/api/v1/outputs")).body.outputs[0]).not.toHaveProperty("urls")
    expect(await get("/api/v1/outputs/none")).toMatchObject({
      status: 404,
      body: { error: { code: "output/unknown" } },
    })
  })

  it.each([
    ["cursor=nonsense", "cursor/unknown"],
    [`cursor=${Buffer.from('["newest","a","b","c","d"]').toString("base64url")}`, "cursor/unknown"],
    [`cursor=${Buffer.from('["key",1,"b","c","d"]').toString("base64url")}`, "cursor/unknown"],
    [`cursor=${"A".repeat(9000)}`, "request/invalid"],
    ["since=yesterday", "request/invalid"],
    ["limit=1001", "request/invalid"],
    ["limit=0", "request/invalid"],
    ["buckets=a", "request/invalid"],
    ["bucket=a&bucket=b", "request/invalid"],
  ])("are refused for %.30s", async (query, code) => {
    const { get } = await openTestServing()
    expect(await get(`/api/v1/outputs?${query}`)).toMatchObject({ status: 400, body: { error: { code } } })
  })

  it("are 503 while the table is away, and there again with it", async () => {
    let isAway = true
    const away = failure("table/unreachable", "Trino at t:1 is out of reach.")
    const { get } = await openTestServing({
      opened: (opened) => {
        const outputsPage: Table["outputsPage"] = async (query) =>
          isAway ? failed(away) : opened.table.outputsPage(query)
        return { ...opened, table: { ...opened.table, outputsPage } }
      },
    })
    const refused = await get("/api/v1/outputs")
    expect(refused).toMatchObject({ status: 503, body: { error: { code: "table/unreachable", says: away.says } } })
    expect(refused.headers["retry-after"]).toBe("5")
    expect((await get("/readyz")).body.waits_for).toEqual(["table/unreachable: Trino at t:1 is out of reach."])
    isAway = false
    expect(await get("/api/v1/outputs")).toMatchObject({ status: 200 })
  })
})

describe("look-ups", () => {
  it("tell of each source what became of it, in their order", async () => {
    const { get, post, merge } = await openTestServing()
    const failing = { state: "failed", failure_code: "picture/damaged", failure_says: "Truncated." } as const
    const elements = [
      elementRow({ key: "a" }),
      elementRow({ key: "f", ...failing }),
      elementRow({ key: "q", state: "queued" }),
      elementRow({ key: "r", state: "removed" }),
    ]
    await merge({ proxyOutputs: ["a", "r"].map((key) => output(key, 0)), elements })
    const none = { thumbnail: null, proxy: null }
    const sources = ["a", "f", "q", "r", "x"].map((key) => `s3://bucket/${key}`)
    expect((await post("/api/v1/lookup", { sources })).body.results).toEqual([
      { source: sources[0], state: "done", thumbnail: SIGNED, proxy: SIGNED },
      { source: sources[1], state: "failed", ...none, failure: { code: "picture/damaged", says: "Truncated." } },
      { source: sources[2], state: "queued", ...none },
      { source: sources[3], state: "removed", ...none },
      { source: sources[4], state: "unknown", ...none },
    ])
    expect((await get("/api/v1/lookup?source=s3://bucket/a")).body).toMatchObject({ state: "done" })
    expect(await post("/api/v1/lookup", { sources: Array(201).fill(sources[0]) })).toMatchObject({ status: 400 })
    expect(await get("/api/v1/lookup?source=http://x/y")).toMatchObject({ status: 400 })
  })
})

describe("sequences", () => {
  it("are listed, and one has its report and all its addresses", async () => {
    const { get, merge } = await openTestServing()
    const row = sequenceRow({ poster_key: "renders/.proxies/p.jpg", report_json: '{"isSound":false}' })
    await merge({ sequences: [row] })
    const listed = (await get("/api/v1/sequences")).body
    expect(listed).toMatchObject({ sequences: [{ name: "renders/shot_010/beauty.#.exr" }], next_cursor: null })
    expect(listed.sequences[0]).not.toHaveProperty("report_json")
    const one = (await get(`/api/v1/sequences/${row.sequence_id}`)).body
    expect(one).toMatchObject({ report: { isSound: false }, frames_missing: "1003" })
    expect(one.urls).toMatchObject({ poster: { url: expect.any(String) }, movie: { url: expect.any(String) } })
    expect(one.urls).toMatchObject({ sprites: null, review: null })
    expect(await get("/api/v1/sequences/none")).toMatchObject({ status: 404 })
  })
})

describe("tiles", () => {
  it("are of shots and single frames, with what a grid draws of them", async () => {
    const { get, merge } = await openTestServing()
    const frames = ["s_v002/b.1001.exr", "s_v002/b.1002.exr", "still.exr"]
    await merge({
      proxyOutputs: frames.map((key, index) => output(key, index)),
      elements: [
        ...frames.map((key) => elementRow({ key, changed_at_ms: 1 })),
        elementRow({ key: "x/f.exr", state: "failed", failure_code: "picture/damaged", changed_at_ms: 5 }),
      ],
      sequences: [sequenceRow({ folder: "s_v002/", head: "b.", frames_made: "1001-1002", changed_at_ms: 9 })],
    })
    const { tiles, ...page } = (await get("/api/v1/tiles")).body
    expect(page).toEqual({ total: 3, at: 0, next_cursor: null })
    expect(tiles).toMatchObject([
      { kind: "shot", folder: "s_v002/", name: "b.#.exr", version: "002", frames_made: "1001-1002", state: "made" },
      { kind: "failed", folder: "x/", name: "f.exr", failure_code: "picture/damaged", state: "failed" },
      { kind: "frame", id: "bucket/still.exr", proxy_id: "id-still.exr", urls: { thumbnail: SIGNED, proxy: SIGNED } },
    ])
    expect(tiles[0].urls.thumbnail.url).toContain("b.1002.exr_thumb.jpg")
    const second = await get("/api/v1/tiles?at=1&limit=1&order=name")
    expect(second.body).toMatchObject({ at: 1, total: 3, tiles: [{ name: "still.exr" }] })
    const third = await get(`/api/v1/tiles?limit=1&order=name&cursor=${second.body.next_cursor}`)
    expect(third.body).toMatchObject({ at: null, tiles: [{ name: "f.exr" }] })
    expect((await get("/api/v1/tiles?q=STILL")).body.total).toBe(1)
    expect(await get(`/api/v1/tiles?at=1&cursor=${second.body.next_cursor}`)).toMatchObject({ status: 400 })
  })
})

describe("one source", () => {
  it("has its row, its outputs of all versions, and addresses of what it shows", async () => {
    const { get, merge } = await openTestServing()
    const older = { ...output("a", 1), proxy_id: "older", file_id: "f0" }
    await merge({ proxyOutputs: [output("a", 2), older], elements: [elementRow({ key: "a" })] })
    const { body } = await get("/api/v1/elements?bucket=bucket&key=a")
    expect(body).toMatchObject({
      element: { key: "a", state: "done" },
      outputs: [
        { proxy_id: "id-a", state: "current" },
        { proxy_id: "older", state: "superseded" },
      ],
      urls: { thumbnail: SIGNED, proxy: SIGNED },
      inspection: null,
    })
    expect(body.urls).not.toHaveProperty("source")
    expect(await get("/api/v1/elements?bucket=bucket&key=b")).toMatchObject({ status: 404 })
  })
})

it("an address that the store cannot sign is null, and the row is there all the same", async () => {
  const { get, merge } = await openTestServing({
    opened: (opened) => {
      const sign = async ({ key }: { key: string }) =>
        key.endsWith(".jpg")
          ? failed(failure("store/unreachable", "No credentials."))
          : done({ url: `https://s3/${key}`, expiresAtMs: 0 })
      return { ...opened, mediaKey: null, store: { ...opened.store, sign } }
    },
  })
  await merge({ proxyOutputs: [output("a", 0)] })
  expect((await get("/api/v1/outputs/id-a")).body.urls).toEqual({
    thumbnail: null,
    proxy: { url: "https://s3/.proxies/a_proxy.mp4", expires_at: "1970-01-01T00:00:00.000Z" },
  })
})
