import { expect, it } from "vitest"
import { takeIn } from "../take-in.ts"
import { gist, messageOf, sourceOf, vastRecord } from "../testing/messages.ts"
import { parseArrival } from "./parse-arrival.ts"

const gistOf = (key: string, eventName?: string, source = sourceOf("vast")): string[] =>
  parseArrival(messageOf({ Records: [vastRecord(key, eventName)] }), source).map(gist)

it.each([
  ["sh010/.ready", "ready: renders-bucket/sh010/.ready"],
  ["sh010/beauty.ready", "ready: renders-bucket/sh010/beauty.ready"],
  ["sh010/edit.otio", "otio: renders-bucket/sh010/edit.otio"],
  [
    "sh010/ascmhl/0001_sh010_2026-04-01_120000Z.mhl",
    "mhl: renders-bucket/sh010/ascmhl/0001_sh010_2026-04-01_120000Z.mhl",
  ],
  ["sh010/ascmhl/ascmhl_chain.xml", "skip: extension"],
  ["sh010/0001_sh010.mhl", "skip: extension"],
  ["sh010/.edit.otio", "skip: extension"],
  ["sh010/.proxies/.ready", "skip: output"],
  ["sh010/beauty.wav", "sound: renders-bucket/sh010/beauty.wav"],
  ["sh010/.beauty.WAV", "skip: extension"],
])("a new object %s is: %s", (key, expected) => {
  expect(gistOf(key)).toEqual([expected])
})

it("one that is removed is told of as gone", () => {
  const message = messageOf({ Records: [vastRecord("sh010/.ready", "ObjectRemoved:Delete")] })
  const [gone] = takeIn(message, sourceOf("vast"), 1_000).hints
  expect(gone).toMatchObject({ value: { by: "ready", gone: true, element: { key: "sh010/.ready" } } })
})

it("one of another bucket or prefix says nothing", () => {
  expect(gistOf("sh010/.ready", undefined, sourceOf("vast", { buckets: ["other"] }))).toEqual(["skip: bucket"])
  expect(gistOf("sh010/.ready", undefined, sourceOf("vast", { prefixes: ["sh020/"] }))).toEqual(["skip: prefix"])
  expect(gistOf("sh010/.ready", undefined, sourceOf("vast", { suffixes: [".exr"] }))).toHaveLength(1)
})

it("is a fact of its own, the same however often the message comes", () => {
  const message = messageOf({ Records: [vastRecord("sh010/.ready")] })
  const [first, again] = [1_000, 2_000].map((nowMs) => takeIn(message, sourceOf("vast"), nowMs).hints)
  expect(first).toMatchObject([{ topic: "hint-reported", value: { by: "ready", element: { arrivedAtMs: 1_000 } } }])
  expect(again?.[0]?.value.factId).toBe(first?.[0]?.value.factId)
})
