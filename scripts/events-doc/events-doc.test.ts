import asyncApiSchema from "@asyncapi/specs/schemas/3.0.0-without-$id.json" with { type: "json" }
import { Ajv } from "ajv"
import { describe, expect, it } from "vitest"
import { TOPICS } from "../../src/log/index.ts"
import { asyncApi, readersOf, writersOf } from "./asyncapi.ts"
import { NOTIFICATIONS } from "./notifications.ts"
import { eventsPage } from "./page.ts"

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })

describe("the pages about events", () => {
  it("docs/asyncapi.json describes every topic, who reads and who writes it", async () => {
    await expect(`${JSON.stringify(asyncApi(), null, 1)}\n`).toMatchFileSnapshot("../../docs/asyncapi.json")
    expect(Object.keys((asyncApi() as { channels: object }).channels)).toEqual([...TOPICS, "proxy", "completion"])
  })

  it("docs/asyncapi.json is what AsyncAPI 3.0 allows", () => {
    const validate = ajv.compile(asyncApiSchema)
    expect(
      validate(asyncApi()) ? [] : validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`),
    ).toEqual([])
    expect(validate({ ...asyncApi(), channels: { a: { address: 1 } } })).toBe(false)
  })

  it("docs/events.md says the same to people", async () => {
    await expect(eventsPage()).toMatchFileSnapshot("../../docs/events.md")
  })

  it("each topic has somebody who writes it and somebody who reads it, or is for people", () => {
    expect(TOPICS.filter((topic) => writersOf(topic).length === 0)).toEqual(["failure-dismissed"])
    const unread = ["source-fetched", "colorspace-detected", "thumbnail-made", "dead-letter"]
    expect(TOPICS.filter((topic) => readersOf(topic).length === 0)).toEqual(unread)
  })

  it.each(NOTIFICATIONS)("$name holds what its description says, and nothing else", ({ payload, samples }) => {
    const validate = ajv.compile(payload)
    expect(samples.length).toBeGreaterThan(0)
    for (const { value } of samples) {
      expect(validate(value) ? [] : validate.errors).toEqual([])
      expect(validate({ ...value, unheard_of: 1 })).toBe(false)
    }
  })
})
