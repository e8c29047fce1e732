import { describe, expect, it } from "vitest"
import { failed, failure } from "../events/result.ts"
import { openTestServing } from "./testing/serving.ts"

describe("the server", () => {
  it("tells who asks, and what they may", async () => {
    const { get } = await openTestServing()
    expect(await get("/api/v1/me")).toMatchObject({
      status: 200,
      body: { user: "loopback", roles: ["read", "write"], authenticated_by: "loopback", read_only: null },
    })
  })

  it("refuses in one shape, and names the request", async () => {
    const { get } = await openTestServing()
    const { status, body, headers } = await get("/api/v1/nothing")
    expect(status).toBe(404)
    expect(body).toEqual({
      error: { code: "request/no-such-route", says: expect.any(String), request_id: headers["x-request-id"] },
    })
  })

  it("answers that it waits until its ports are open, and for what", async () => {
    const away = failure("table/unreachable", "Trino does not answer.")
    const { get } = await openTestServing({ failing: async () => failed(away) })
    expect(await get("/api/v1/me")).toMatchObject({ status: 503, body: { error: { code: "serve/starting" } } })
    expect(await get("/healthz")).toMatchObject({ status: 200, body: { state: "starting" } })
    expect(await get("/readyz")).toMatchObject({ status: 503 })
  })

  it("lets no answer be a page, be framed, or be taken for another type", async () => {
    const { get } = await openTestServing()
    const { headers } = await get("/api/v1/me")
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'",
    )
    expect(headers["x-content-type-options"]).toBe("nosniff")
    expect(headers["content-type"]).toBe("application/json; charset=utf-8")
  })

  it("counts requests by their route, for Prometheus", async () => {
    const { app, get } = await openTestServing()
    await get("/api/v1/me")
    const { payload } = await app.inject("/metrics")
    expect(payload).toContain('oiio_serve_request_seconds_count{method="GET",route="/api/v1/me",status="200"} 1')
  })
})
