import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { addressTest } from "../../config/address-ranges.ts"
import { done, failed, failure } from "../../events/result.ts"
import { keyOf, readAll } from "../../log/testing/harness.ts"
import { systemClock } from "../../system/clock.ts"
import { ANYBODY, givenHttpIntake, LIMITS } from "../testing/http-intake.ts"
import { sourceOf, VAST_HEADERS, vastRecord } from "../testing/messages.ts"
import type { ProofKind } from "./access.ts"
import type { Existing } from "./take-request.ts"

const SECRET = "a-long-shared-secret"
const BODY = JSON.stringify({ s3_bucket: "b", s3_key: "a.exr" })

const NOW_SECONDS = 1_900_000_000
/** Stands still, so that no second passes between the signing of a request and the look at it. */
const clock = { ...systemClock, nowMs: () => NOW_SECONDS * 1000 }

const withSecret = (proof: ProofKind, ...secrets: readonly string[]) =>
  givenHttpIntake({ clock, access: { ...ANYBODY, secrets: secrets.length === 0 ? [SECRET] : secrets, proof } })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Headers of Standard Webhooks. */
function signed(body: string, with_: { readonly key?: string | Buffer; readonly seconds?: number } = {}) {
  const seconds = with_.seconds ?? NOW_SECONDS
  const signature = createHmac("sha256", with_.key ?? SECRET)
    .update(`msg_1.${seconds}.${body}`)
    .digest("base64")
  return { "webhook-id": "msg_1", "webhook-timestamp": `${seconds}`, "webhook-signature": `v1,${signature}` }
}

describe("an intake with a shared secret", () => {
  it("takes who shows it, and tells everybody else in one sentence what is missing", async () => {
    const { ask, arrived, refusals } = await withSecret("either")
    expect((await ask(BODY)).status).toBe(401)
    expect(await ask(BODY, bearer("another-shared-secret"))).toMatchObject({
      status: 401,
      says: "The bearer token is wrong.\n",
    })
    expect((await ask(BODY, bearer(""))).headers.get("www-authenticate")).toBe("Bearer")
    expect(await arrived()).toEqual([])
    expect((await ask(BODY, bearer(SECRET))).status).toBe(204)
    expect(await arrived()).toEqual(["b/a.exr"])
    expect(refusals()).toEqual(["proof", "proof", "proof"])
  })

  it("takes either of two secrets, so that one can be replaced without a gap", async () => {
    const { post } = await withSecret("either", "the-old-shared-secret", "the-new-shared-secret")
    expect(await post(BODY, bearer("the-old-shared-secret"))).toBe(204)
    expect(await post(BODY, bearer("the-new-shared-secret"))).toBe(204)
    expect(await post(BODY, signed(BODY, { key: "the-new-shared-secret" }))).toBe(204)
  })

  it("takes a signature over time and body, and none of another body, key or time", async () => {
    const { ask, post } = await withSecret("either")
    expect(await post(BODY, signed(BODY))).toBe(204)
    expect(await post(BODY.replace("a.exr", "b.exr"), signed(BODY))).toBe(401)
    expect(await post(BODY, signed(BODY, { key: "another-shared-secret" }))).toBe(401)
    for (const seconds of [NOW_SECONDS - 301, NOW_SECONDS + 301])
      expect(await ask(BODY, signed(BODY, { seconds }))).toMatchObject({
        status: 401,
        says: "The signature's time is more than 300 seconds from ours, or missing.\n",
      })
    for (const seconds of [NOW_SECONDS - 300, NOW_SECONDS + 300])
      expect(await post(BODY, signed(BODY, { seconds }))).toBe(204)
    expect(await post(BODY, { ...signed(BODY), "webhook-timestamp": `${NOW_SECONDS + 1}` })).toBe(401)
    expect(await post(BODY, { ...signed(BODY), "webhook-id": "msg_2" })).toBe(401)
  })

  it("reads keys as Standard Webhooks writes them, and several signatures", async () => {
    const key = Buffer.from("sixteen bytes of key")
    const { post } = await withSecret("signature", `whsec_${key.toString("base64")}`)
    const headers = signed(BODY, { key })
    expect(await post(BODY, headers)).toBe(204)
    const several = `v1a,AAAA v1,AAAA ${headers["webhook-signature"]}`
    expect(await post(BODY, { ...headers, "webhook-signature": several })).toBe(204)
  })

  it("takes only the proof that the setting names", async () => {
    expect(await (await withSecret("signature")).post(BODY, bearer(SECRET))).toBe(401)
    expect(await (await withSecret("bearer")).post(BODY, signed(BODY))).toBe(401)
  })
})

describe("an intake with a list of addresses", () => {
  it("takes nothing from others, whatever else they show", async () => {
    const allows = addressTest(["10.0.0.0/8"])
    const { ask } = await givenHttpIntake({ access: { ...ANYBODY, allows, secrets: [SECRET] } })
    expect(await ask(BODY, bearer(SECRET))).toMatchObject({
      status: 403,
      says: expect.stringContaining("OIIO_INTAKE_ALLOW"),
    })
  })

  it("wants the secret of those on the list too, where there is one: what is set adds up", async () => {
    const allows = addressTest(["127.0.0.0/8"])
    const { post } = await givenHttpIntake({ access: { ...ANYBODY, allows, secrets: [SECRET] } })
    expect([await post(BODY), await post(BODY, bearer(SECRET))]).toEqual([401, 204])
  })
})

describe("an intake that anybody on this machine may send to", () => {
  it("takes nothing from a web page", async () => {
    const { post } = await givenHttpIntake()
    expect(await post(BODY, { origin: "https://example.com" })).toBe(403)
  })

  const existing = (...keys: readonly string[]): Existing["object"] => {
    return async ({ key }) => done(keys.includes(key))
  }
  const NOBODY = existing()

  it("believes only in objects that are there, in either spelling", async () => {
    const { ask, arrived } = await givenHttpIntake({
      limits: { ...LIMITS, mostBodyBytes: 100_000 },
      exists: { object: existing("a.exr", "plates/a+b.exr"), row: NOBODY },
    })
    const madeUp = Array.from({ length: 90 }, (_, index) => vastRecord(`made-up.${index}.exr`))
    expect(await ask({ Records: madeUp })).toMatchObject({
      status: 404,
      says: "None of the objects is there, or was.\n",
    })
    expect((await ask({ Records: [...madeUp, vastRecord("a.exr"), vastRecord("plates/a+b.exr")] })).status).toBe(204)
    expect(await arrived()).toEqual(["renders-bucket/a.exr", "renders-bucket/plates/a b.exr"])
  })

  it("believes in removals only of what a row tells of", async () => {
    const { ask, log } = await givenHttpIntake({ exists: { object: NOBODY, row: existing("was.exr") } })
    const removed = (key: string) => vastRecord(key, "ObjectRemoved:Delete")
    expect(await ask({ Records: [removed("never-was.exr")] })).toMatchObject({ status: 404 })
    expect((await ask({ Records: [removed("was.exr"), removed("never-was.exr")] })).status).toBe(204)
    expect((await readAll(log, "removal-reported")).map(keyOf)).toEqual(["was.exr"])
  })

  it("asks for another try while nobody can say whether an object is there", async () => {
    const away = async () => failed(failure("store/unreachable", "away"))
    const { post } = await givenHttpIntake({ exists: { object: away, row: NOBODY } })
    expect(await post(BODY)).toBe(500)
  })
})

describe("what an intake believes", () => {
  const ids = { asset_id: "somebody's", job_id: "j1", project_id: "p1", shot_id: "s1" }

  it("leaves out ids and wishes for a new render that no setting trusts it with, and takes the arrival", async () => {
    const { post, elements, observed } = await givenHttpIntake({
      source: sourceOf("vast", { trust: { ids: false, force: false } }),
    })
    expect(await post({ Records: [vastRecord("a.exr", "ObjectCreated:Copy")], ...ids })).toBe(204)
    expect(await elements()).toMatchObject([
      { key: "a.exr", assetId: null, jobId: null, projectId: null, shotId: null, force: false },
    ])
    expect(observed.slice(1)).toEqual([
      { kind: "distrusted", from: "http", what: "ids" },
      { kind: "distrusted", from: "http", what: "force" },
    ])
  })

  it("passes them on where a setting trusts it", async () => {
    const { post, elements } = await givenHttpIntake()
    const headers = Object.fromEntries(
      Object.entries(VAST_HEADERS).map(([name, value]) => [name.replace("_", "-"), value]),
    )
    await post({ Records: [vastRecord("a.exr", "ObjectCreated:Copy")], ...ids }, headers)
    expect(await elements()).toMatchObject([{ assetId: "somebody's", jobId: "j1", force: true }])
  })

  it("refuses what lies in buckets that nobody configured", async () => {
    const { ask, arrived } = await givenHttpIntake({ source: sourceOf("vast", { buckets: ["b"] }) })
    expect(await ask({ s3_bucket: "other", s3_key: "a.exr" })).toMatchObject({
      status: 403,
      says: expect.stringContaining("S3_BUCKETS"),
    })
    expect((await ask({ s3_bucket: "b", s3_key: "a.exr" })).status).toBe(204)
    expect(await arrived()).toEqual(["b/a.exr"])
  })
})
