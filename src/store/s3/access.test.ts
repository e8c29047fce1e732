import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { done, failed, failure } from "../../events/result.ts"
import type { ObjectRef } from "../index.ts"
import { fakeStore, object, refusal } from "../testing/fake-s3.ts"
import { codeOf } from "../testing/store-fixture.ts"
import { openWriteAccess } from "./access.ts"

const at = (key: string, bucket = "show"): ObjectRef => ({ bucket, key })
const A = at("sh010/.proxies/a_proxy.mp4")
const B = at("sh020/.proxies/b_proxy.mp4")

const denied = failed(failure("store/denied", "is not accessible"))

/** What it says at a time that the test sets. */
function access() {
  let nowMs = 0
  const writes = openWriteAccess({ steadyMs: () => nowMs })
  return {
    passes: (ms: number) => {
      nowMs += ms
    },
    codes: (...refs: readonly ObjectRef[]) => refs.map((ref) => codeOf(writes.check(ref))),
    learned: writes.learned,
  }
}

it("holds back a whole bucket in which nothing could be stored, and no other", () => {
  const { codes, learned } = access()
  expect(codes(A, B)).toEqual(["ok", "ok"])
  expect(learned(A, denied)).toMatchObject({
    failure: { code: "store/read-only", kind: "outage", says: expect.stringContaining('"show"') },
  })
  expect(codes(A, B, at(A.key, "other"))).toEqual(["store/read-only", "store/read-only", "ok"])
})

it("holds back a folder alone where the bucket has taken something", () => {
  const { codes, learned } = access()
  learned(B, done(undefined))
  const held = learned(A, denied)
  expect(held).toMatchObject({ failure: { says: expect.stringContaining('below "sh010/.proxies/"') } })
  expect(codes(A, B)).toEqual(["store/read-only", "ok"])
})

it("lets one through a minute later, and all once its PUT was taken", () => {
  const { codes, learned, passes } = access()
  learned(A, denied)
  passes(59_000)
  expect(codes(A, B)).toEqual(["store/read-only", "store/read-only"])
  passes(1_000)
  expect(codes(B, A, B)).toEqual(["ok", "store/read-only", "store/read-only"])
  learned(B, done(undefined))
  expect(codes(A, B)).toEqual(["ok", "ok"])
})

it("says nothing of a bucket because of other failures, or of credentials that are refused altogether", () => {
  const { codes, learned } = access()
  for (const other of [
    failure("store/failed", "may pass"),
    failure("store/precondition-failed", "is another version"),
    failure("store/denied", "refuses the credentials", "outage"),
  ])
    expect(learned(A, failed(other))).toEqual(failed(other))
  expect(codes(A)).toEqual(["ok"])
})

it("a store over S3 writes nothing to learn it, and asks nothing while it knows", async () => {
  const { server, store } = await fakeStore()
  const folder = await mkdtemp(join(tmpdir(), "put-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, "a"), "a picture")
  const options = { contentType: "image/jpeg", tags: {}, metadata: {} }
  server.answer(({ method }) => (method === "PUT" ? refusal(403, "AccessDenied") : object("a")))
  expect(codeOf(await store.checkWritable(A))).toBe("ok")
  expect(codeOf(await store.put(A, join(folder, "a"), options))).toBe("store/read-only")
  const askedBefore = server.asked.length
  expect(codeOf(await store.checkWritable(B))).toBe("store/read-only")
  expect(server.asked.length).toBe(askedBefore)
  server.answer(() => object("a"))
  expect(codeOf(await store.put(A, join(folder, "a"), options))).toBe("ok")
  expect(codeOf(await store.checkWritable(B))).toBe("ok")
})
