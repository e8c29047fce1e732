import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type Answer, fakeStore, object, REF, refusal } from "../testing/fake-s3.ts"
import { codeOf, text } from "../testing/store-fixture.ts"

const PUT = { contentType: "image/jpeg", tags: {}, metadata: { "element-id": "e-1" } }

const FILE = import.meta.filename

/** No file system takes a name as long as this. */
const UNUSABLE_FILE = join(tmpdir(), "x".repeat(300))

describe("fetching from a server that errs", () => {
  const fetched = async (how: (turn: number) => Answer, options = {}) => {
    const { server, fetch } = await fakeStore()
    let turn = 0
    server.answer(({ method }) => (method === "GET" ? how(++turn) : { status: 200 }))
    const { result, bytes } = await fetch(options)
    return { code: codeOf(result), bytes, turns: turn }
  }

  it("leaves no file of a body that breaks off or stops coming", async () => {
    const half = object("12345", { "content-length": "10" })
    expect(await fetched(() => ({ ...half, breaksOff: true }))).toMatchObject({ code: "store/failed", bytes: null })
    const stalls = { ...half, headers: { ...half.headers, connection: "keep-alive" } }
    expect(await fetched(() => stalls)).toMatchObject({ code: "store/failed", bytes: null })
  })

  it("asks again for bytes that do not fit their checksum, and gives up in the end", async () => {
    const damaged = object("12345", { "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-type": "FULL_OBJECT" })
    expect(await fetched((turn) => (turn === 1 ? damaged : object("12345")))).toEqual({
      code: "ok",
      bytes: "12345",
      turns: 2,
    })
    expect(await fetched(() => damaged)).toEqual({ code: "store/failed", bytes: null, turns: 3 })
  })

  it("is not taken in by a server that heeds no condition, or says no length", async () => {
    expect(await fetched(() => object("12345", { etag: '"e2"' }))).toMatchObject({
      code: "store/precondition-failed",
      bytes: null,
    })
    const { "content-length": _, ...headers } = object("").headers ?? {}
    const endless = { status: 200, headers: { ...headers, "transfer-encoding": "chunked" }, body: "x".repeat(500) }
    expect(await fetched(() => endless, { maxBytes: 100 })).toMatchObject({ code: "store/too-large", bytes: null })
  })

  it("calls a place that cannot be written a matter of scratch space, and does not name it", async () => {
    const { server, fetch } = await fakeStore()
    server.answer(() => object("12345"))
    const { result } = await fetch({ toFile: UNUSABLE_FILE })
    expect(result).toMatchObject({ failure: { code: "scratch/full" } })
    expect(JSON.stringify(result)).not.toContain(UNUSABLE_FILE)
  })

  it("cuts the range out of the whole object where a server ignores it", async () => {
    const { server, store } = await fakeStore()
    server.answer(() => object("0123456789"))
    const range = async (start: number, end: number) => {
      const read = await store.readRange(REF, { start, end })
      return read.ok ? text(read.value) : read.failure.code
    }
    expect([await range(3, 5), await range(8, 99), await range(10, 12)]).toEqual([
      "34",
      "89",
      "store/range-not-satisfiable",
    ])
  })

  it("leaves the connection to the next question where the answer is no longer than what was asked for", async () => {
    const { server, store } = await fakeStore()
    server.answer(() => ({ ...object("0123456789"), status: 206 }))
    const before = server.connections()
    for (let turn = 0; turn < 5; turn++) await store.readRange(REF, { start: 0, end: 10 })
    expect(server.connections() - before).toBeLessThanOrEqual(1)
  })
})

describe("putting where an answer is lost", () => {
  const ours = (length: number) =>
    object("x".repeat(length), { "content-type": "image/jpeg", "x-amz-meta-element-id": "e-1" })

  const putWith = async (head: (sizeBytes: number) => Answer) => {
    const { server, store } = await fakeStore()
    let puts = 0
    let sizeBytes = 0
    server.answer(({ method, headers }) => {
      if (method === "PUT") sizeBytes = Number(headers["content-length"])
      if (method === "PUT") return ++puts === 1 ? { breaksOff: true } : refusal(412, "PreconditionFailed")
      return { ...head(sizeBytes), ...(method === "HEAD" ? { body: "" } : {}) }
    })
    return codeOf(await store.put(REF, FILE, { ...PUT, ifAbsent: true }))
  }

  it("finds its own object where its name is taken, and is content", async () => {
    expect(await putWith(ours)).toBe("ok")
  })

  it("yields to another's object", async () => {
    expect(await putWith((sizeBytes) => ours(sizeBytes + 1))).toBe("store/precondition-failed")
    expect(await putWith(() => refusal(404, "NoSuchKey"))).toBe("store/precondition-failed")
  })

  it("waits for another conditional write that is not decided yet", async () => {
    const { server, store } = await fakeStore()
    let puts = 0
    server.answer(({ method }) =>
      method === "PUT" && ++puts < 3
        ? refusal(409, "ConditionalRequestConflict")
        : { status: 200, headers: { ...object("").headers, etag: '"new"' } },
    )
    expect(await store.put(REF, FILE, { ...PUT, ifAbsent: true })).toMatchObject({ value: { etag: "new" } })
    server.answer(({ method }) => (method === "PUT" ? refusal(409, "ConditionalRequestConflict") : { status: 200 }))
    expect(codeOf(await store.put(REF, FILE, { ...PUT, ifAbsent: true }))).toBe("store/failed")
  })

  it("has put what it put, even where the question for it is refused", async () => {
    const { server, store } = await fakeStore()
    server.answer(({ method }) =>
      method === "PUT" ? { status: 200, headers: { etag: '"new"' } } : refusal(403, "AccessDenied"),
    )
    expect(await store.put(REF, FILE, PUT)).toMatchObject({ value: { etag: "new", metadata: PUT.metadata } })
  })

  it("says that the file to put cannot be read", async () => {
    const { store } = await fakeStore()
    await expect(store.put(REF, UNUSABLE_FILE, PUT)).resolves.toMatchObject({ failure: { code: "scratch/full" } })
  })
})

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
