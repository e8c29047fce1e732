import { describe, expect, it } from "vitest"
import { systemClock } from "../../system/clock.ts"
import { proxyOutput } from "../../table/testing/rows.ts"
import { mediaKeyOf } from "../media-key.ts"
import { openTestServing, type TestServing } from "../testing/serving.ts"
import { rangeOf } from "./media.ts"

const KEY = `s/.proxies/a b"\r\n;'<é>_thumb.jpg`
const BYTES = "0123456789"

/** A folder with one thumbnail, and its address. */
async function opened(options: TestServing = {}, key = KEY) {
  const serving = await openTestServing(options)
  await serving.put(key, BYTES)
  await serving.merge({ proxyOutputs: [proxyOutput({ proxy_id: "p", thumbnail_s3_key: key })] })
  const { body } = await serving.get("/api/v1/outputs/p")
  const fetch = async (url: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" | "POST" = "GET") =>
    serving.app.inject({ method, url, headers })
  return { ...serving, url: String(body.urls.thumbnail?.url), urls: body.urls, fetch }
}

describe("a signed address of a folder's file", () => {
  it("is answered whole, with its type, and cannot be taken for a page", async () => {
    const { fetch, url } = await opened()
    const answer = await fetch(url)
    expect([answer.statusCode, answer.payload]).toEqual([200, BYTES])
    expect(answer.headers).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": "10",
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      "content-disposition": "inline; filename*=UTF-8''a%20b%22%0D%0A%3B%27%3C%C3%A9%3E_thumb.jpg",
    })
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'")
    const head = await fetch(url, {}, "HEAD")
    expect([head.statusCode, head.payload, head.headers["content-length"]]).toEqual([200, "", "10"])
  })

  it("is answered in part", async () => {
    const { fetch, url } = await opened()
    const part = await fetch(url, { range: "bytes=2-4" })
    expect([part.statusCode, part.payload, part.headers["content-range"]]).toEqual([206, "234", "bytes 2-4/10"])
    const none = await fetch(url, { range: "bytes=10-" })
    expect([none.statusCode, none.headers["content-range"]]).toEqual([416, "bytes */10"])
    const { etag } = part.headers
    expect((await fetch(url, { "if-none-match": String(etag) })).statusCode).toBe(304)
    expect((await fetch(url, { range: "bytes=2-4", "if-range": String(etag) })).statusCode).toBe(206)
    expect((await fetch(url, { range: "bytes=2-4", "if-range": '"another"' })).statusCode).toBe(200)
  })

  it.each([
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=-3", { first: 7, last: 9 }],
    ["bytes=-30", { first: 0, last: 9 }],
    ["bytes=4-99", { first: 4, last: 9 }],
    ["bytes=-0", "none"],
    ["bytes=5-4", null],
    ["bytes=0-1,3-4", null],
    ["bytes=a-b", null],
    ["lines=1-2", null],
  ] as const)("takes %s for what it is", (header, range) => {
    expect(rangeOf(header, 10)).toEqual(range)
  })

  it("is refused when it was altered, is of another server, or has expired", async () => {
    let nowMs = Date.parse("2026-04-01T00:00:00Z")
    const clock = { ...systemClock, nowMs: () => nowMs }
    const { fetch, url, config } = await opened({ clock })
    const refused = async (address: string) => (await fetch(address)).json().error.code
    expect(await refused(url.replace("_thumb", "_proxy"))).toBe("address/refused")
    expect(await refused(url.replace("/bucket/", "/other/"))).toBe("address/refused")
    expect(await refused(url.replace(/expires=(\d)/, "expires=9$1"))).toBe("address/refused")
    expect(await refused(url.replace(/signature=.{5}/, "signature=AAAAA"))).toBe("address/refused")
    expect(await refused(url.replace(/signature=.*/, "signature=x"))).toBe("address/refused")
    const foreign = mediaKeyOf(Buffer.alloc(32)).sign("x")
    expect(await refused(url.replace(/signature=.*/, `signature=${foreign}`))).toBe("address/refused")
    nowMs += config.serveThumbnailSeconds * 1000 - 61_000
    expect((await fetch(url)).statusCode).toBe(200)
    nowMs += 61_000
    expect(await refused(url)).toBe("address/expired")
  })

  it("is 404 once the output is gone", async () => {
    const { fetch, url, root } = await opened()
    const { rm } = await import("node:fs/promises")
    await rm(`${root}/${KEY}`)
    const answer = await fetch(url)
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, "store/missing"])
  })

  it("is for GET and HEAD alone", async () => {
    const { fetch, url } = await opened()
    expect((await fetch(url, {}, "POST")).statusCode).toBe(404)
  })

  it.each([
    ["a source", "s/a.exr", {}],
    ["what walks the tree", "s/.proxies/../../etc.jpg", {}],
    ["another bucket", "s3://elsewhere/s/.proxies/a.jpg", {}],
    ["what no prefix allows", "s/.proxies/a.jpg", { servePrefixes: ["bucket/show/"] }],
  ])("is none for %s", async (_, key, settings) => {
    const { merge, get } = await openTestServing({ settings })
    await merge({ proxyOutputs: [proxyOutput({ proxy_id: "p", thumbnail_s3_key: key })] })
    expect((await get("/api/v1/outputs/p")).body.urls.thumbnail).toBeNull()
  })

  it("shows nothing but pictures, movies and texts of ours: the rest is to be saved", async () => {
    const { fetch, url } = await opened({}, "s/.proxies/x.html")
    expect((await fetch(url)).headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": "attachment; filename*=UTF-8''x.html",
    })
  })

  it("outlives a restart, by a key that its owner alone can read", async () => {
    const { serving, config } = await opened()
    const { openMediaKey } = await import("../media-key.ts")
    const { stat } = await import("node:fs/promises")
    expect(openMediaKey(config.stateDir).sign("x")).toBe(serving.mediaKey?.sign("x"))
    expect((await stat(`${config.stateDir}/media.key`)).mode & 0o777).toBe(0o600)
  })
})
