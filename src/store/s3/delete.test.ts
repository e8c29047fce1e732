import { expect, it } from "vitest"
import { codeOf } from "../testing/bench.ts"
import { object, refusal } from "../testing/fake-s3.ts"
import { fakeStore } from "../testing/fake-store.ts"

const OUTPUT = { bucket: "show", key: "sh010/.proxies/a_thumb.jpg" }

it("asks for the version's deletion, and again without a condition where the store knows none", async () => {
  const { server, store } = await fakeStore()
  server.answer(({ method, headers }) => {
    if (method !== "DELETE") return object("a")
    return headers["if-match"] === undefined ? { status: 204 } : refusal(501, "NotImplemented")
  })
  expect(codeOf(await store.delete(OUTPUT, { ifMatch: "e1" }))).toBe("ok")
  const deletes = server.asked.filter(({ method }) => method === "DELETE").map(({ headers }) => headers["if-match"])
  expect(deletes[0]).toBe('"e1"')
  expect(deletes.at(-1)).toBeUndefined()
})

it.each([
  [412, "PreconditionFailed", "store/precondition-failed"],
  [403, "AccessDenied", "store/denied"],
  [404, "NoSuchKey", "ok"],
])("a DELETE that is answered %i %s is %s", async (status, code, meant) => {
  const { server, store } = await fakeStore()
  server.answer(({ method }) => (method === "DELETE" ? refusal(status, code) : object("a")))
  expect(codeOf(await store.delete(OUTPUT, { ifMatch: "e1" }))).toBe(meant)
})

it("deletes nothing where HEAD finds another version, or is refused", async () => {
  const { server, store } = await fakeStore()
  server.answer(() => object("a"))
  expect(codeOf(await store.delete(OUTPUT, { ifMatch: "e0" }))).toBe("store/precondition-failed")
  server.answer(() => refusal(403, "AccessDenied"))
  expect(codeOf(await store.delete(OUTPUT, { ifMatch: "e1" }))).toBe("store/denied")
  expect(server.asked.map(({ method }) => method)).not.toContain("DELETE")
})
