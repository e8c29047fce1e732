import { deflateRawSync, inflateRawSync } from "node:zlib"
import { expect, it } from "vitest"
import { proxyMade } from "../events/testing/facts.ts"
import { madeAtMs, madeFromMetadata, madeToMetadata } from "./output-metadata.ts"

const NAME = "beauty.0001.exr"
const { element, source, factId, causationId, recordedAtMs, proxyId, reused, ...SAID } = proxyMade().value
const MADE = {
  ...SAID,
  ...{ elementId: element.elementId, sourceVersion: "etag 1/2", sourceName: NAME, copied: false },
}
const METADATA = madeToMetadata(MADE)

const details = (value: unknown): string => deflateRawSync(JSON.stringify(value)).toString("base64")

it("outputs tell what made them", () => {
  expect(madeFromMetadata(METADATA, NAME)).toMatchObject({ renderKey: MADE.renderKey, sourceVersion: "etag 1/2" })
})

it("outputs tell the SHA-256 of their source, where it was taken, and are as they were where it was not", () => {
  const contentSha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  expect(madeFromMetadata(madeToMetadata({ ...MADE, contentSha256 }), NAME)).toMatchObject({ contentSha256 })
  expect(madeFromMetadata(METADATA, NAME)).toMatchObject({ contentSha256: null })
  const { made = "" } = METADATA
  expect(inflateRawSync(Buffer.from(made, "base64")).toString()).not.toContain("contentSha256")
})

it.each<readonly [string, Record<string, string>]>([
  ["a version that is no percent-encoding", { "source-version": "%" }],
  ["another version that is none", { "source-version": "100%zz" }],
  ["details that are no base64", { made: "\u0000" }],
  ["details that do not inflate", { made: "AAAA" }],
  ["details that inflate to far more", { made: deflateRawSync(Buffer.alloc(1_000_000)).toString("base64") }],
  ["details that are no JSON", { made: deflateRawSync("{").toString("base64") }],
  ["details that are null", { made: details(null) }],
  ["details that are a number", { made: details(1) }],
  ["no thumbnail", { made: details({ ...MADE, thumbnail: null }) }],
  ["a text for a proxy", { made: details({ ...MADE, proxy: "x" }) }],
  ["further outputs that are no list", { made: details({ ...MADE, furtherOutputs: 1 }) }],
  [
    "a further output without a name",
    { made: details({ ...MADE, furtherOutputs: [{ output: {}, isNotified: true }] }) },
  ],
  ["a further output that is none", { made: details({ ...MADE, furtherOutputs: [{ name: "x", isNotified: true }] }) }],
  ["a time that is none", { made: details({ ...MADE, generatedAtUs: "now" }) }],
])("outputs of somebody else, with %s, are not ours, and end nothing", (_, with_) => {
  expect(madeFromMetadata({ ...METADATA, ...with_ }, NAME)).toBeNull()
  expect(madeAtMs({ ...METADATA, ...with_ })).toBeGreaterThanOrEqual(0)
})

it("outputs without further ones say what they always said, and those of an older version have none", () => {
  const { furtherOutputs: _none, contentSha256: _unwished, ...said } = MADE
  const { renderKey: _key, elementId: _id, sourceVersion: _v, sourceName: _name, ...rest } = said
  expect(METADATA.made).toBe(deflateRawSync(JSON.stringify(rest), { level: 9 }).toString("base64"))
  expect(madeFromMetadata(METADATA, NAME)?.furtherOutputs).toEqual([])
})

it("further outputs are told, and leave room for all the rest", () => {
  const output = { ...MADE.thumbnail, key: MADE.thumbnail.key.replace("_thumb", "_preview"), width: 4096, height: 2160 }
  const furtherOutputs = [{ name: "preview", isNotified: true, output }]
  const contentSha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  const metadata = madeToMetadata({ ...MADE, furtherOutputs, contentSha256 })
  expect(madeFromMetadata(metadata, NAME)?.furtherOutputs).toEqual(furtherOutputs)
  expect((metadata.made ?? "").length - (METADATA.made ?? "").length).toBeLessThan(160)
})

it("a version that is no UTF-8 is another version", () => {
  expect(madeFromMetadata({ ...METADATA, "source-version": "%ff" }, NAME)?.sourceVersion).toBe("\ufffd")
})
