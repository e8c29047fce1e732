import { describe, expect, it } from "vitest"
import { takeIn } from "../take-in.ts"
import { messageOf, sourceOf, VAST_HEADERS, vastRecord } from "../testing/messages.ts"

const HOUR = 3_600_000
const EVENT_MS = Date.parse("2026-04-08T15:41:29.591Z")

const timesOf = (message: Parameters<typeof takeIn>[0], nowMs: number) =>
  takeIn(message, sourceOf("vast"), nowMs).arrivals.map(({ value }) => value.logicalTimeMs)

const flat = { s3_bucket: "b", s3_key: "a.exr" }

describe("the time that orders an arrival", () => {
  it("is the store's, whatever the clock of the intake says", () => {
    for (const aheadMs of [0, HOUR, 48 * HOUR]) {
      expect(timesOf(messageOf({ Records: [vastRecord("a.exr")] }), EVENT_MS + aheadMs)).toEqual([EVENT_MS])
      expect(timesOf(messageOf("", { headers: VAST_HEADERS }), EVENT_MS + aheadMs)).toEqual([EVENT_MS])
    }
  })

  it("is none where the store does not tell it: a sender's own clock orders nothing", () => {
    expect(timesOf(messageOf(flat), EVENT_MS)).toEqual([0])
    const headers = { ...VAST_HEADERS, ce_elementpath: "" }
    const { ce_elementpath: _, ...ofSender } = headers
    expect(timesOf(messageOf(flat, { headers: ofSender }), EVENT_MS)).toEqual([0])
    expect(timesOf(messageOf({ Records: [{ ...vastRecord("a.exr"), eventTime: "soon" }] }), EVENT_MS)).toEqual([0])
  })

  it("is none where it lies in the future, so that no message can be ahead of what comes after it", () => {
    for (const eventTime of ["9999-12-31T23:59:59Z", "2026-04-08T17:41:29Z"])
      expect(timesOf(messageOf({ Records: [{ ...vastRecord("a.exr"), eventTime }] }), EVENT_MS)).toEqual([0])
  })
})
