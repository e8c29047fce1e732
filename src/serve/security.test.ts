import { once } from "node:events"
import { connect } from "node:net"
import { describe, expect, it } from "vitest"
import { elementRow, proxyOutput } from "../table/testing/rows.ts"
import { hashOf } from "./access/access.ts"
import { openTestServing } from "./testing/serving.ts"

const TOKEN = "PLANTED-TOKEN-of-43-letters"
const TOKENS = [{ name: "farm", role: "write" as const, sha256: hashOf(TOKEN).toString("hex") }]

const HOSTILE = `"><script>alert(1)</script>\r\nset-cookie: a=b\u202e/.proxies/<img src=x onerror=alert(1)>.jpg`

describe("hostile keys", () => {
  it("stay data: JSON that no browser takes for a page, and no header of their own", async () => {
    const { app, merge } = await openTestServing()
    const row = proxyOutput({ s3_key: HOSTILE, proxy_id: "p", thumbnail_s3_key: HOSTILE })
    await merge({ proxyOutputs: [row], elements: [elementRow({ key: HOSTILE, failure_says: HOSTILE })] })
    for (const url of ["/api/v1/outputs?sign=true", "/api/v1/tiles", "/api/v1/outputs/p"]) {
      const { headers, payload } = await app.inject(url)
      expect(headers).toMatchObject({
        "content-type": "application/json; charset=utf-8",
        "x-content-type-options": "nosniff",
      })
      expect(headers).not.toHaveProperty("set-cookie")
      expect(payload).toContain("<script>")
      expect(JSON.stringify(JSON.parse(payload))).not.toMatch(/"url":"[^"]*[<>\s]/)
    }
  })

  it("are repeated by no refusal", async () => {
    const { get } = await openTestServing()
    for (const path of ["outputs/", "sequences/", "outputs?state=", "outputs?cursor=", "lookup?source=", "nothing/"]) {
      const { status, body } = await get(`/api/v1/${path}${encodeURIComponent("<script>HOSTILE")}`)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(body)).not.toContain("HOSTILE")
    }
  })
})

describe("a secret", () => {
  it("is in no answer and no line of the log, however it was shown", async () => {
    const { app, get, lines } = await openTestServing({ settings: { serveTokens: TOKENS } })
    const good = { authorization: `Bearer ${TOKEN}` }
    expect(await get("/api/v1/me", good)).toMatchObject({ status: 200, body: { user: "farm" } })
    const answers = [
      await get("/api/v1/me", { authorization: `Bearer ${TOKEN}x` }),
      await get(`/api/v1/me?access_token=${TOKEN}`),
      await get(`/api/v1/outputs?token=${TOKEN}`, good),
      await get(`/${TOKEN}`, good),
    ]
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 400, 404])
    const metrics = await app.inject({ url: "/metrics", headers: good })
    expect(JSON.stringify([answers, metrics.payload, lines])).not.toContain("PLANTED")
    expect(lines.join()).toContain('"user":"farm"')
  })

  it("of the signature is in no line of the log either", async () => {
    const { app, lines } = await openTestServing()
    await app.inject("/media/bucket/.proxies/a.jpg?expires=1&signature=PLANTED")
    expect(lines.join()).not.toContain("PLANTED")
  })
})

describe("a request", () => {
  it.each(["PUT", "PATCH", "DELETE"] as const)("by %s changes nothing", async (method) => {
    const { app } = await openTestServing()
    for (const url of ["/api/v1/outputs", "/api/v1/me", "/media/bucket/.proxies/a.jpg", "/"])
      expect((await app.inject({ method, url })).statusCode).toBe(404)
  })

  it("with too large a body, or one that is not JSON, is refused unread", async () => {
    const { post, config } = await openTestServing()
    const large = JSON.stringify({ sources: ["x".repeat(config.serveBodyBytes)] })
    expect(await post("/api/v1/lookup", large)).toMatchObject({
      status: 413,
      body: { error: { code: "request/too-large" } },
    })
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
      expect(await post("/api/v1/lookup", "{}", { "content-type": type })).toMatchObject({ status: 415 })
    expect(await post("/api/v1/lookup", "{")).toMatchObject({
      status: 400,
      body: { error: { code: "request/invalid" } },
    })
    expect(await post("/api/v1/lookup", '{"__proto__":{"a":1},"sources":[]}')).toMatchObject({ status: 400 })
  })

  it("of another site's page is refused where it writes, and told nothing where it reads", async () => {
    const { app, post } = await openTestServing({ settings: { serveOrigins: ["https://listed.example"] } })
    const from = (origin: string) => ({ origin, "sec-fetch-site": "cross-site" })
    const foreign = await post("/api/v1/lookup", { sources: [] }, from("https://evil.example"))
    expect(foreign).toMatchObject({ status: 403, body: { error: { code: "access/foreign-page" } } })
    expect(await post("/api/v1/lookup", { sources: [] }, from("https://listed.example"))).toMatchObject({ status: 200 })
    const read = async (origin: string) =>
      (await app.inject({ url: "/api/v1/me", headers: { origin } })).headers["access-control-allow-origin"]
    expect(await read("https://evil.example")).toBeUndefined()
    expect(await read("https://listed.example")).toBe("https://listed.example")
  })

  it("beyond the rate is refused, for as long as the minute lasts", async () => {
    const { get } = await openTestServing({ settings: { serveRate: 2 } })
    await get("/api/v1/me")
    await get("/api/v1/me")
    const { status, body, headers } = await get("/api/v1/me")
    expect([status, body.error.code, Number(headers["retry-after"])]).toEqual([
      429,
      "request/too-many",
      expect.any(Number),
    ])
    expect((await get("/healthz")).status).toBe(200)
  })

  it.each([
    "/console/../../package.json",
    "/console/%2e%2e/%2e%2e/package.json",
    "/console/..%2f..%2fpackage.json",
    "//etc/passwd",
    "/media/bucket/..%2f..%2fetc%2fpasswd?expires=9999999999&signature=x",
  ])("for %s gets no file", async (url) => {
    const { app } = await openTestServing()
    expect([400, 403, 404]).toContain((await app.inject({ url })).statusCode)
  })
})

describe("a connection", () => {
  it("that never ends its headers is closed, and one whose headers are too long is refused", async () => {
    const { app } = await openTestServing()
    expect(app.server.headersTimeout).toBeGreaterThan(0)
    // The same server with less patience: nobody waits for it in a test.
    app.server.headersTimeout = 1
    await app.listen({ host: "127.0.0.1", port: 0 })
    const address = app.server.address()
    const port = typeof address === "object" ? (address?.port ?? 0) : 0
    const send = async (text: string): Promise<string> => {
      const socket = connect(port, "127.0.0.1")
      let answered = ""
      socket.on("data", (bytes) => {
        answered += bytes
      })
      socket.on("error", () => undefined)
      socket.write(text)
      await once(socket, "close")
      return answered
    }
    expect(await send("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")).toMatch(/^HTTP\/1\.1 408/)
    expect(await send(`GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    )
  })
})
