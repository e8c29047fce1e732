import { expect, it } from "vitest"
import { fittedText } from "./fit.ts"
import { type FrameMetadata, metadataOf } from "./index.ts"

const EMPTY: FrameMetadata = metadataOf(
  {
    element: { bucket: "b", key: "k".repeat(1024) },
    source: { sizeBytes: 1, mtime: "2026-04-01T00:00:00+00:00" },
    selection: { timecode: null, frameRate: null, format: "exr" },
    colorspace: { name: "ACEScg", evidence: "", rule: "" },
    generatedAtUs: 0,
    generatorVersion: "3.0.0",
  },
  "",
)

const channel = { part_index: 0, name: "\u0001".repeat(255), layer_name: "", component_name: "", type: "HALF" }
const LONG: FrameMetadata = {
  ...EMPTY,
  parts: Array.from({ length: 5000 }, (_, part_index) => ({ part_index, part_name: "\u0001".repeat(255) })),
  channels: Array.from({ length: 10_000 }, () => channel),
  attributes: {
    parts: Array.from({ length: 5000 }, () => [
      { name: "short", type: "INT", value: 1 },
      { name: "long", type: "STRING", value: "x".repeat(500) },
    ]),
  },
}

const warningsOf = (text: string) =>
  (JSON.parse(text) as FrameMetadata).extraction.warnings.slice(1).map((warning) => warning.replace(/:.*/, ""))

it("metadata that fit are written whole", () => {
  expect(JSON.parse(fittedText(EMPTY))).toEqual(EMPTY)
})

it("long values of attributes go first, and nothing else where that is enough", () => {
  const text = fittedText({ ...LONG, parts: [], channels: [] })
  expect(warningsOf(text)).toEqual(["Long values of attributes are left out"])
  expect(text).toContain('"short"')
})

it("what is left of the longest header fits, and says all that was left out", () => {
  const text = fittedText(LONG)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2 * 1024 * 1024)
  expect(warningsOf(text).slice(0, 4)).toEqual([
    "Long values of attributes are left out",
    "Attributes are left out",
    "AOVs are left out",
    "Channels beyond the first 4096 are left out",
  ])
  expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(EMPTY))
})
