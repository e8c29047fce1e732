import { describe, expect, it } from "vitest"
import { elementFailed, proxyMade } from "../events/testing/facts.ts"
import { elementRow, proxyOutput, sequenceRow } from "../table/testing/rows.ts"
import { keyOfFrame, spritesUrlOf, tileOf, tileOfFacts } from "./answers.ts"

const signed = (url: string) => ({ url, expires_at: "2026-04-01T00:05:00.000Z" })

describe("a tile of the API", () => {
  it("is a shot with its movie, poster and version", () => {
    const urls = { movie: signed("/media/m"), poster: signed("/media/p"), thumbnail: null }
    const tile = tileOf({ ...sequenceRow(), kind: "shot", id: "1", version: "002", urls })
    expect(tile).toMatchObject({
      kind: "shot",
      item: { movie: "/media/m", poster: "/media/p", thumbnail: null, version: "002", missing: "1003" },
    })
  })

  it("is a frame with its pictures and its colour space", () => {
    const urls = { thumbnail: signed("/media/t"), proxy: signed("/media/x") }
    const tile = tileOf({ ...proxyOutput(), kind: "frame", id: "1", version: null, urls })
    expect(tile).toMatchObject({ item: { thumbnail: "/media/t", proxy: "/media/x", colourSpace: "lin_rec709" } })
  })

  it("is a failure with what happened", () => {
    const row = elementRow({ state: "failed", failure_code: "picture/damaged", failure_says: "It is cut off." })
    const tile = tileOf({ ...row, kind: "failed", id: "1", version: null, urls: {} })
    expect(tile).toMatchObject({ kind: "failed", item: { code: "picture/damaged", says: "It is cut off." } })
  })

  it("is scrubbed by its sheet, where it has one", () => {
    const answer = { ...sequenceRow(), kind: "shot", id: "1", version: null } as const
    expect(spritesUrlOf({ ...answer, urls: { sprites: signed("/media/s") } })).toBe("/media/s")
    expect(spritesUrlOf({ ...answer, urls: { sprites: null } })).toBeNull()
  })
})

describe("a frame, of its facts", () => {
  const told = (topic: string, fact: object, offset: number) => ({
    ...{ topic, partition: 0, offset, timestamp_ms: offset },
    fact: fact as Readonly<Record<string, unknown>>,
  })
  const made = told("proxy-made", proxyMade().value, 1)
  const failed = told("element-failed", elementFailed().value, 2)

  it("is what the newest of them says", () => {
    expect(tileOfFacts([made, failed], undefined)?.kind).toBe("failed")
    expect(tileOfFacts([failed, made], { proxy: signed("/media/x") })).toMatchObject({
      kind: "frame",
      item: { proxy: "/media/x" },
    })
    expect(tileOfFacts([told("element-created", {}, 0)], undefined)).toBeNull()
  })
})

describe("the key of a frame", () => {
  const names = { folder: "a/", head: "b.", tail: ".exr" }
  it.each([
    ["a/b.0001.exr", 12, "a/b.0012.exr"],
    ["a/b.1001.exr", 1002, "a/b.1002.exr"],
    ["a/b.1001.exr", 10_000, "a/b.10000.exr"],
    ["a/b.-0005.exr", -12, "a/b.-0012.exr"],
    ["a/b.0005.exr", -12, "a/b.-0012.exr"],
  ])("is written as %s is: %i", (another, number, key) => {
    expect(keyOfFrame(names, number, another)).toBe(key)
  })

  it.each(["c/b.0001.exr", "a/b.0001.dpx", "a/b.one.exr", "a/b..exr"])("is not known from %s", (another) => {
    expect(keyOfFrame(names, 1, another)).toBeNull()
  })
})
