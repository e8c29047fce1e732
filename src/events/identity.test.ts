import { describe, expect, it } from "vitest"
import {
  assetIdOf,
  completedIdOf,
  elementIdOf,
  failedIdOf,
  fileIdOf,
  proxyIdOf,
  renderKeyOf,
  sequenceIdOf,
} from "./identity.ts"
import { elementFailed, proxyMade } from "./testing/facts.ts"
import { mtimeText } from "./time.ts"

const key = "renders/shot_010/beauty.0001.exr"
const mtime = "2026-04-01T00:00:00+00:00"

describe("identity follows the worked examples of the contract", () => {
  it("spells mtime as Python does, whole seconds and +00:00", () => {
    expect(mtimeText(Date.UTC(2026, 3, 1, 0, 0, 0, 999))).toBe(mtime)
  })
  it.each([
    [key, mtime, "3c6e1c31ae45e0f1", "c569308e3b01f778"],
    [key, "2026-04-02T09:30:15+00:00", "3c6e1c31ae45e0f1", "1357ea485eb402fc"],
    ["plates/été 01/a b+c.exr", mtime, "9164617a44b0a2a2", "27e3a40754fdac22"],
    ["a.exr", mtime, "a4264d75c4b99abd", "d46632926dd983f7"],
  ])("gives %s at %s the asset id %s and the file id %s", (path, at, assetId, fileId) => {
    expect(assetIdOf(path)).toBe(assetId)
    expect(fileIdOf(path, at)).toBe(fileId)
  })
  it("derives proxy_id from bucket, key and file id", () => {
    expect(proxyIdOf("bucket", key, "c569308e3b01f778")).toBe("df7de168-08b3-5940-beda-8de4a1345902")
  })
  it("derives the completion ids that SpaceHarbor's idempotency needs", () => {
    const { element, source } = proxyMade({ bucket: "bucket", key, jobId: null }).value
    const made = { element, source: { ...source, fileId: "c569308e3b01f778" } }
    expect(completedIdOf(made)).toBe("1a6afe13-6191-578a-aa85-17c7e22c6f79")
    const one = elementFailed({ bucket: "bucket", key, triggerId: "t1" }).value
    const other = elementFailed({ bucket: "bucket", key, triggerId: "t2" }).value
    expect(failedIdOf(one)).toBe(failedIdOf(one))
    expect(failedIdOf(one)).not.toBe(failedIdOf(other))
  })
})

describe("nothing random decides identity", () => {
  it("gives one arrival one id, however often it is derived", () => {
    const arrival = { cloudEvent: { source: "s", id: "7", recordIndex: 0 } }
    expect(elementIdOf(arrival)).toBe(elementIdOf(arrival))
    expect(elementIdOf(arrival)).not.toBe(elementIdOf({ cloudEvent: { source: "s", id: "7", recordIndex: 1 } }))
  })
  it("changes renderKey with version, settings, recipe and config, not with the order of settings", () => {
    const source = { bucket: "b", key: "k", sourceVersion: "1" }
    const engine = { recipe: 1, configHash: "c" }
    const base = renderKeyOf(source, { a: 1, b: { c: 2, d: 3 } }, engine)
    expect(renderKeyOf(source, { b: { d: 3, c: 2 }, a: 1 }, engine)).toBe(base)
    expect(renderKeyOf({ ...source, sourceVersion: "2" }, { a: 1, b: { c: 2, d: 3 } }, engine)).not.toBe(base)
    expect(renderKeyOf(source, { a: 2, b: { c: 2, d: 3 } }, engine)).not.toBe(base)
    expect(renderKeyOf(source, { a: 1, b: { c: 2, d: 3 } }, { ...engine, recipe: 2 })).not.toBe(base)
    expect(renderKeyOf(source, { a: 1, b: { c: 2, d: 3 } }, { ...engine, configHash: "x" })).not.toBe(base)
  })
  it("gives a sequence one id, which bucket, folder, head and tail change, and nothing else", () => {
    const named = { bucket: "b", folder: "sh010/", head: "beauty.", tail: ".exr" }
    const id = sequenceIdOf(named)
    expect(sequenceIdOf({ ...named, ...{ frame: 1001, padding: 4 } })).toBe(id)
    const others = [
      { ...named, bucket: "c" },
      { ...named, folder: "sh020/" },
      { ...named, head: "Beauty." },
      { ...named, tail: ".dpx" },
      { ...named, folder: "sh010/beauty.", head: "" },
      { ...named, head: 'beauty.",".exr', tail: "" },
    ]
    expect(new Set([id, ...others.map(sequenceIdOf)]).size).toBe(others.length + 1)
  })
})
