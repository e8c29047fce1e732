import { describe, expect, it } from "vitest"
import { connected, givenHttpIntake, heard, LIMITS } from "../testing/http-intake.ts"
import { vastRecord } from "../testing/messages.ts"
import { createAllowance, senderOf } from "./limits.ts"

const records = (count: number) => ({ Records: Array.from({ length: count }, (_, at) => vastRecord(`a.${at}.exr`)) })

const limited = (with_: Partial<typeof LIMITS>) => givenHttpIntake({ limits: { ...LIMITS, ...with_ } })

describe("how much a sender may bring", () => {
  it("is bounded in records of one body", async () => {
    const { ask, arrived } = await limited({ mostRecords: 3 })
    expect((await ask(records(3))).status).toBe(204)
    expect(await ask(records(4))).toMatchObject({ status: 413, says: expect.stringContaining("OIIO_INTAKE_RECORDS") })
    expect(await arrived()).toHaveLength(3)
  })

  it("is bounded in bytes of one body, and the sender hears so although it is still writing", async () => {
    const { ask, buried, refusals } = await limited({})
    expect(await ask("x".repeat(60_000))).toMatchObject({ status: 413, says: expect.stringContaining("10000 bytes") })
    expect(await buried()).toEqual([])
    expect(refusals()).toEqual(["large-body"])
  })

  it("is bounded in records a minute, and the answer says when to come again", async () => {
    const { ask, post } = await limited({ recordsPerMinute: 60, mostBodyBytes: 100_000 })
    expect(await post(records(40))).toBe(204)
    const answer = await ask(records(40))
    expect([answer.status, Number(answer.headers.get("retry-after"))]).toEqual([429, expect.any(Number)])
    expect(Number(answer.headers.get("retry-after"))).toBeLessThanOrEqual(21)
    expect(await post(records(20))).toBe(204)
  })

  it("grows again with time, for each sender by itself", () => {
    let nowMs = 0
    const allowance = createAllowance(60, { steadyMs: () => nowMs })
    expect([allowance.take("10.0.0.1", 60), allowance.take("10.0.0.1", 1), allowance.take("10.0.0.2", 1)]).toEqual([
      null,
      1,
      null,
    ])
    nowMs = 30_000
    expect([allowance.take("10.0.0.1", 31), allowance.take("10.0.0.1", 30)]).toEqual([1, null])
  })

  it("remembers a bounded number of senders, those that brought something last", () => {
    const allowance = createAllowance(60, { steadyMs: () => 0 })
    for (let at = 0; at < 25_000; at++) allowance.take(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, 60)
    expect(allowance.take("10.0.97.167", 1)).toBe(1)
    expect(allowance.take("10.0.0.1", 60)).toBeNull()
  })

  it("counts 64 bits of an IPv6 address as one sender", () => {
    expect(senderOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2")
    expect(senderOf("2001:db8::6")).toBe("2001:db8:0:0")
    expect(senderOf("::1")).toBe("0:0:0:0")
    expect(senderOf("::ffff:10.0.0.1")).toBe("::ffff:10.0.0.1")
  })
})

describe("connections", () => {
  it("that idle by the thousand reset nobody's request", async () => {
    const { port, post, arrived, refusals } = await limited({})
    for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 100 }, () => connected(port)))
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, at) => post(records(1 + (at % 2)))))
    expect(statuses).toEqual(statuses.map(() => 204))
    expect(await arrived()).toHaveLength(75)
    expect(refusals()).toEqual([])
  })

  it("that hold half a request are reaped soon, with an answer", async () => {
    const { port } = await limited({ patienceMs: 100 })
    const socket = await connected(port)
    socket.write("POST / HTTP/1.1\r\nhost: x\r\n")
    expect(await heard(socket)).toMatch(/^HTTP\/1.1 408 /)
  })

  it("beyond the limit are refused in words where all others are busy", async () => {
    const { port, ask, refusals } = await limited({ mostConnections: 2, mostConnectionsPerAddress: 2 })
    for (let busy = 0; busy < 2; busy++) {
      const socket = await connected(port)
      const begun = new Promise((resolve) => socket.once("data", resolve))
      socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n")
      await begun
    }
    const answer = await ask({ s3_bucket: "b", s3_key: "a.exr" })
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"])
    expect(refusals()).toEqual(["connections"])
  })

  it("whose body comes drop by drop, or not at all, are given up with an answer", async () => {
    const { port, arrived } = await limited({ leastBytesPerSecond: 1_000, patienceMs: 200 })
    const stalled = await connected(port)
    stalled.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    expect(await heard(stalled)).toMatch(/^HTTP\/1.1 408 [\s\S]*OIIO_LEAST_THROUGHPUT/)
    const dripping = await connected(port)
    dripping.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n")
    const drops = setInterval(() => dripping.write(" "), 20)
    expect(await heard(dripping)).toMatch(/^HTTP\/1.1 408 /)
    clearInterval(drops)
    expect(await arrived()).toEqual([])
  })
})

it("an answer that cannot be made is a 500, and the next request is answered", async () => {
  let isBroken = true
  const given = await givenHttpIntake({
    append: async () => {
      if (isBroken) throw new TypeError("a bug of ours")
      return { ok: true, value: undefined }
    },
  })
  expect(await given.ask({ s3_bucket: "b", s3_key: "a.exr" })).toMatchObject({
    status: 500,
    says: "The request could not be answered (TypeError); try again.\n",
  })
  isBroken = false
  expect(await given.post({ s3_bucket: "b", s3_key: "a.exr" })).toBe(204)
})
