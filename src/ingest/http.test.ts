import { request as httpRequest } from "node:http"
import { connect } from "node:net"
import { describe, expect, it } from "vitest"
import { done, failure } from "../events/result.ts"
import { elementOf } from "../events/testing/sequence-facts.ts"
import { readAll } from "../log/testing/harness.ts"
import { systemClock } from "../system/clock.ts"
import { openHttpIntake } from "./http.ts"
import { ANYBODY, givenHttpIntake, LIMITS } from "./testing/http-intake.ts"
import { sampleText, sourceOf, VAST_HEADERS, vastRecord, vastStructured } from "./testing/messages.ts"

/** Binary mode of HTTP: ce-name for ce_name. */
const asHttp = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replace("_", "-"), value]))

describe("the HTTP intake", () => {
  it("answers 204 once the arrival is in the log: binary, structured, records alone", async () => {
    const { post, arrived } = await givenHttpIntake()
    expect(await post({ Records: [vastRecord("a.exr")] }, asHttp({ ...VAST_HEADERS, ce_elementpath: "b/a.exr" }))).toBe(
      204,
    )
    expect(await post(vastStructured({ s3_bucket: "b", s3_key: "b.exr" }))).toBe(204)
    expect(await post({ Records: [vastRecord("c.exr")] })).toBe(204)
    expect(await arrived()).toEqual(["b/a.exr", "b/b.exr", "renders-bucket/c.exr"])
  })

  it("takes the webhooks of real servers", async () => {
    const { post, observed } = await givenHttpIntake()
    const { body } = JSON.parse(sampleText("versitygw-webhook-request-Put.json")) as { body: string }
    expect(await post(body)).toBe(204)
    expect(observed).toEqual([{ kind: "skipped", from: "http", reason: "extension" }])
    expect(await post(body.replaceAll(".jpg", ".exr"))).toBe(204)
    expect(observed.at(-1)).toEqual({ kind: "arrived", from: "http", arrivals: 1 })
  })

  it("knows a repeated delivery: the same arrival has the same id", async () => {
    const { post, log } = await givenHttpIntake()
    const body = { s3_bucket: "b", s3_key: "a.exr" }
    await post(body)
    await post(body)
    const [first, second] = await readAll(log, "element-created")
    const idOf = (record: typeof first): unknown =>
      record !== undefined && "fact" in record.content ? elementOf(record.content.fact).elementId : null
    expect(idOf(second)).toBe(idOf(first))
    expect(idOf(first)).toEqual(expect.any(String))
  })

  it("takes an overwrite for another arrival, and a redelivery for the same, where the body names nothing but the object", async () => {
    let version = "etag-1"
    const { post, elements } = await givenHttpIntake({ versionOf: async () => done(version) })
    const body = { s3_bucket: "b", s3_key: "a.exr" }
    for (const next of ["etag-1", "etag-2", "etag-2"]) {
      version = next
      expect(await post(body)).toBe(204)
    }
    const [first, second, third] = (await elements()).map(({ elementId }) => elementId)
    expect([second === first, third === second]).toEqual([false, true])
  })

  it("takes a batch of CloudEvents apart, and tells of what it does not understand", async () => {
    const { ask, arrived } = await givenHttpIntake()
    const event = (id: string, s3_key: string) => vastStructured({ s3_bucket: "frames", s3_key }, { id })
    const type = { "content-type": "application/cloudevents-batch+json" }
    expect((await ask([event("1", "a.exr"), event("2", "b.exr")], type)).status).toBe(204)
    expect(await ask([event("3", "c.exr"), 17], type)).toMatchObject({ status: 422 })
    expect(await arrived()).toEqual(["frames/a.exr", "frames/b.exr", "frames/c.exr"])
  })

  it("buries what cannot be read, and tells the sender: 422, since sending it again would not help", async () => {
    const { ask, buried } = await givenHttpIntake()
    expect(await ask("{not json")).toMatchObject({ status: 422, says: expect.stringContaining("is not JSON") })
    expect(await buried()).toMatchObject([{ says: "The message is not JSON.", lengthBytes: 9, at: { topic: "http" } }])
  })

  it("answers 500 while the log is out of reach, so that the link tries again", async () => {
    const { post, records, arrived } = await givenHttpIntake()
    records.outage = failure("log/unreachable", "The log is away.")
    expect(await post({ s3_bucket: "b", s3_key: "a.exr" })).toBe(500)
    records.outage = null
    expect(await post({ s3_bucket: "b", s3_key: "a.exr" })).toBe(204)
    expect(await arrived()).toEqual(["b/a.exr"])
  })

  it("takes POST only", async () => {
    const { url } = await givenHttpIntake()
    const answer = await fetch(url)
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"])
  })

  it("reads UTF-8 in headers, as senders write it", async () => {
    const { port, arrived } = await givenHttpIntake()
    const headers = asHttp({ ...VAST_HEADERS, ce_elementpath: Buffer.from("b/été 01/a.exr").toString("latin1") })
    await new Promise((resolve, reject) => {
      const sent = httpRequest({ port, method: "POST", headers, host: "127.0.0.1" }, resolve)
      sent.on("error", reject)
      sent.end()
    })
    expect(await arrived()).toEqual(["b/été 01/a.exr"])
  })

  it("goes on when a sender hangs up in the middle", async () => {
    const { port, post, arrived } = await givenHttpIntake()
    const socket = connect(port, "127.0.0.1")
    await new Promise((resolve) => socket.once("connect", resolve))
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    socket.destroy()
    expect(await post({ s3_bucket: "b", s3_key: "a.exr" })).toBe(204)
    expect(await arrived()).toEqual(["b/a.exr"])
  })

  it("a port that is taken fails the start, and names its setting", async () => {
    const { port, log } = await givenHttpIntake()
    const again = await openHttpIntake({
      host: "127.0.0.1",
      port,
      source: sourceOf("vast"),
      access: ANYBODY,
      limits: LIMITS,
      exists: null,
      append: log.append,
      clock: systemClock,
      observe: () => undefined,
    })
    expect(again).toMatchObject({ ok: false, failure: { code: "config/invalid" } })
    expect(again.ok ? "" : again.failure.says).toMatch(/^OIIO_INTAKE_PORT: /)
  })
})
