import { appendFile, chmod, copyFile, cp, readFile, rename, stat, truncate, utimes, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { asOrdinaryUser, type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf, keysOf } from "../testing/store-fixture.ts"
import { objectFileOf } from "./object-file.ts"
import { find, openDescriptions } from "./read.ts"

let fixture: FolderFixture
beforeEach(async () => {
  fixture = await openFolderFixture()
})
afterEach(() => fixture.release())

const OURS = { metadata: { is: "ours" }, tags: { proxy: "true" } }
const metadataOf = async (key: string) => unwrap(await fixture.store.head(fixture.ref(key))).metadata
/** Of a process that has not looked before. */
const metadataAtFirstLook = async (key: string) =>
  unwrap(await (await fixture.reopen()).head(fixture.ref(key))).metadata
const bucketsOf = async ({ root }: FolderFixture) =>
  new Map([["show", { name: "show", root, ino: (await stat(root, { bigint: true })).ino }]])
const handClock = () => {
  let nowMs = 0
  const pass = (ms: number): void => {
    nowMs += ms
  }
  return { steadyMs: () => nowMs, pass }
}
const sidecarOf = async (folder = "") =>
  fixture.at(`${folder}.object-metadata/${(await fixture.metadataFiles(folder))[0]}`)

describe("metadata", () => {
  it("holds for the bytes it was put with and for no others", async () => {
    const changes: Record<string, (file: string) => Promise<unknown>> = {
      appended: (file) => appendFile(file, "more"),
      "written in place": (file) => writeFile(file, "theirs"),
      replaced: async (file) => rename(await elsewhere("theirs"), file),
      "copied over": async (file) => copyFile(await elsewhere("theirs"), file),
    }
    for (const [how, change] of Object.entries(changes)) {
      unwrap(await fixture.put("a.jpg", "myself", OURS))
      await change(fixture.at("a.jpg"))
      const head = unwrap(await fixture.store.head(fixture.ref("a.jpg")))
      expect([how, head.metadata, head.contentType]).toEqual([how, {}, null])
      expect(unwrap(await fixture.store.tags(fixture.ref("a.jpg")))).toEqual({})
    }
  })

  it("does not come along when somebody renames the file to another name", async () => {
    unwrap(await fixture.put("a.jpg", "a", OURS))
    await rename(fixture.at("a.jpg"), fixture.at("b.jpg"))
    expect(await metadataOf("b.jpg")).toEqual({})
  })

  it("is none where the sidecar is damaged, foreign or enormous", async () => {
    unwrap(await fixture.put("a.jpg", "a", OURS))
    const file = await sidecarOf()
    const good = JSON.parse(await readFile(file, "utf8"))
    const damage = ["", "{", "null", "[]", JSON.stringify({ ...good, metadata: { n: 1 } })]
    for (const bad of [
      ...damage,
      JSON.stringify({ ...good, name: "b.jpg" }),
      `${JSON.stringify(good)}${" ".repeat(70_000)}`,
    ]) {
      await writeFile(file, bad)
      expect([bad.slice(0, 60), await metadataAtFirstLook("a.jpg")]).toEqual([bad.slice(0, 60), {}])
    }
    await writeFile(file, JSON.stringify(good))
    expect(await metadataAtFirstLook("a.jpg")).toEqual(OURS.metadata)
  })

  it("is looked at once for all who ask within five seconds, and only while the version is the same", async () => {
    unwrap(await fixture.put("a.jpg", "a", OURS))
    const { steadyMs, pass } = handClock()
    const known = openDescriptions({ steadyMs })
    const object = unwrap(objectFileOf(await bucketsOf(fixture), fixture.ref("a.jpg")))
    const metadata = async () => unwrap(await find(object, known)).description.metadata
    expect(await metadata()).toEqual(OURS.metadata)
    await writeFile(await sidecarOf(), "damaged")
    expect(await metadata()).toEqual(OURS.metadata)
    pass(5_000)
    expect(await metadata()).toEqual({})
    unwrap(await fixture.put("a.jpg", "b", OURS))
    expect(await metadata()).toEqual(OURS.metadata)
  })

  it("fits beside objects with the longest of names", async () => {
    for (const name of ["x".repeat(255), "映".repeat(85), "é".repeat(120)]) {
      unwrap(await fixture.put(`deep/${name}`, "a", OURS))
      expect(await metadataOf(`deep/${name}`)).toEqual(OURS.metadata)
    }
    expect(keysOf(await fixture.list()).length).toBe(3)
  })

  it("keeps one sidecar an object however often it is replaced", async () => {
    for (let n = 0; n < 5; n++) unwrap(await fixture.put("a.jpg", `${n}`, OURS))
    expect(codeOf(await fixture.put("a.jpg", "no", { ifAbsent: true }))).toBe("store/precondition-failed")
    expect(codeOf(await fixture.put("a.jpg", "no", { ifMatch: "other" }))).toBe("store/precondition-failed")
    expect((await fixture.metadataFiles()).length).toBe(1)
  })

  it("survives touching, copying and restoring, because the hash of the bytes tells", async () => {
    unwrap(await fixture.put("a/a.jpg", "a", OURS))
    await utimes(fixture.at("a/a.jpg"), 1, 1)
    expect(await metadataOf("a/a.jpg")).toEqual(OURS.metadata)
    await cp(fixture.at("a"), fixture.at("b"), { recursive: true })
    await rename(fixture.at("b"), fixture.at("c"))
    expect(await metadataOf("c/a.jpg")).toEqual(OURS.metadata)
    expect(unwrap(await fixture.store.tags(fixture.ref("c/a.jpg")))).toEqual(OURS.tags)
    await writeFile(fixture.at("c/a.jpg"), "b")
    expect(await metadataOf("c/a.jpg")).toEqual({})
  })

  it("does not go to other bytes of the same size and name", async () => {
    unwrap(await fixture.put("a/a.jpg", "one", OURS))
    unwrap(await fixture.put("b/a.jpg", "two"))
    await cp(fixture.at("a/.object-metadata"), fixture.at("b/.object-metadata"), { recursive: true })
    expect(await metadataOf("b/a.jpg")).toEqual({})
  })
})

describe("a version", () => {
  it("differs from the one before, even where that lies in the future", async () => {
    const old = unwrap(await fixture.put("a.jpg", "1"))
    const future = Date.now() / 1000 + 1e6
    await utimes(fixture.at("a.jpg"), future, future)
    const seen = new Set([old.etag, unwrap(await fixture.store.head(fixture.ref("a.jpg"))).etag])
    let beforeMs = unwrap(await fixture.store.head(fixture.ref("a.jpg"))).lastModifiedMs
    for (let n = 0; n < 20; n++) {
      const head = unwrap(await fixture.put("a.jpg", "1"))
      expect(head.lastModifiedMs).toBeGreaterThanOrEqual(beforeMs)
      beforeMs = head.lastModifiedMs
      seen.add(head.etag)
    }
    expect(seen.size).toBe(22)
  })

  it("is inode, size and modification time in nanoseconds", async () => {
    const head = unwrap(await fixture.put("a.jpg", "12345"))
    const found = await stat(fixture.at("a.jpg"), { bigint: true })
    expect(head.sourceVersion).toBe(`${found.ino}-5-${found.mtimeNs}`)
    expect(head.lastModifiedMs).toBe(Math.floor(Number(found.mtimeNs / 1000n) / 1000))
  })
})

it.skipIf(process.platform === "win32")(
  "gives outputs the rights of any new file, not those of the scratch file",
  async () => {
    unwrap(await fixture.put("a.jpg", "a"))
    await writeFile(fixture.at("plain"), "")
    expect((await stat(fixture.at("a.jpg"))).mode).toBe((await stat(fixture.at("plain"))).mode)
  },
)

it.skipIf(process.platform === "win32")("says that a folder takes nothing, a file may not be read", async () => {
  unwrap(await fixture.put("locked/a.jpg", "a"))
  unwrap(await fixture.put("b.jpg", "b"))
  await chmod(fixture.at("locked"), 0o555)
  await chmod(fixture.at("b.jpg"), 0)
  const { etag } = unwrap(await fixture.store.head(fixture.ref("b.jpg")))
  const scratch = fixture.at("scratch")
  await writeFile(scratch, "c")
  const options = { contentType: "image/jpeg", tags: {}, metadata: {} }
  const results = await asOrdinaryUser(fixture.root, async () => [
    await fixture.store.put(fixture.ref("locked/b.jpg"), scratch, options),
    await fixture.store.put(fixture.ref("locked/new/b.jpg"), scratch, options),
    await fixture.store.readRange(fixture.ref("b.jpg"), { start: 0, end: 1 }),
    await fixture.store.readRange(fixture.ref("b.jpg"), { start: 0, end: 1, ifMatch: etag }),
  ])
  expect(results.map(codeOf)).toEqual(["store/read-only", "store/read-only", "store/denied", "store/denied"])
})

it("gives no torn copy of a file that is cut short while it is fetched", async () => {
  const sizeBytes = 32 * 1024 * 1024
  const { etag } = unwrap(await fixture.put("a.exr", Buffer.alloc(sizeBytes, 1)))
  const [{ result, bytes }] = await Promise.all([
    fixture.fetch("a.exr", { ifMatch: etag }),
    truncate(fixture.at("a.exr"), 5),
  ])
  // A file system that shares the bytes may be done before the cut.
  const outcomes = [
    ["store/precondition-failed", null],
    ["ok", sizeBytes],
  ]
  expect([codeOf(result), bytes?.length ?? null]).toBeOneOf(outcomes)
  expect(codeOf((await fixture.fetch("a.exr", { ifMatch: etag })).result)).toBe("store/precondition-failed")
})

async function elsewhere(content: string): Promise<string> {
  const file = fixture.at("elsewhere")
  await writeFile(file, content)
  return file
}
