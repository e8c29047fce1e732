import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { failure } from "../../events/failure.ts"
import { done, failed } from "../../events/result.ts"
import { listedOutputs } from "./listed-outputs.ts"

const entryOf = (key: string) =>
  done({ bucket: "b", key, etag: "e", sizeBytes: 1, lastModifiedMs: 0, sourceVersion: "v" })

const inOrder = (keys: readonly string[]): string[] =>
  [...new Set(keys)].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))

describe("outputs that the listing has told of", () => {
  it("are known when their source comes, and so are those that are not there", () => {
    const outputs = listedOutputs("")
    for (const key of ["shot/.proxies/a_thumb.jpg", "shot/a.exr"]) outputs.note(entryOf(key))
    expect(outputs.has({ bucket: "b", key: "shot/.proxies/a_thumb.jpg" })).toBe(true)
    expect(outputs.has({ bucket: "b", key: "shot/.proxies/a_proxy.mp4" })).toBe(false)
  })

  it("are unknown where the source sorts before them, the prefix leaves them out, or the listing had a hole", () => {
    const early = listedOutputs("")
    early.note(entryOf("shot/!a.exr"))
    expect(early.has({ bucket: "b", key: "shot/.proxies/!a_thumb.jpg" })).toBeNull()
    const narrow = listedOutputs("shot/a")
    narrow.note(entryOf("shot/a.exr"))
    expect(narrow.has({ bucket: "b", key: "shot/.proxies/a_thumb.jpg" })).toBeNull()
    const holed = listedOutputs("")
    holed.note(failed(failure("store/denied", "no")))
    holed.note(entryOf("shot/a.exr"))
    expect(holed.has({ bucket: "b", key: "shot/.proxies/a_thumb.jpg" })).toBeNull()
  })

  it("never says what is not so, whatever the tree", () => {
    const segment = fc.constantFrom("a", "b", "-", "z", "é", ".proxies", "a.b", "😀")
    const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"))
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const listed = inOrder(keys)
        const outputs = listedOutputs("")
        for (const at of listed) {
          outputs.note(entryOf(at))
          for (const asked of keys) {
            const told = outputs.has({ bucket: "b", key: asked })
            if (told !== null) expect(told).toBe(listed.includes(asked))
          }
          const missing = `${at.slice(0, at.lastIndexOf("/") + 1)}.proxies/nothing_thumb.jpg`
          expect(outputs.has({ bucket: "b", key: missing })).not.toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})
