import { execFileSync } from "node:child_process"
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, relative, sep } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unwrap } from "../../events/testing/results.ts"
import { type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf, keysOf } from "../testing/store-fixture.ts"
import { namesOfKey, objectFileOf } from "./object-file.ts"

let fixture: FolderFixture
let outside: string
beforeEach(async () => {
  fixture = await openFolderFixture()
  outside = await mkdtemp(join(tmpdir(), "outside-"))
  await writeFile(join(outside, "secret.exr"), "secret")
})
afterEach(async () => {
  await fixture.release()
  await rm(outside, { recursive: true, force: true })
})

/** What each method answers for a key; nothing may come of a put. */
async function answers(key: string): Promise<string[]> {
  const { store, ref, put, fetch } = fixture
  const range = await store.readRange(ref(key), { start: 0, end: 1 })
  const { result, bytes } = await fetch(key, { ifMatch: "x" })
  expect(bytes).toBeNull()
  return [await store.head(ref(key)), await store.tags(ref(key)), range, result, await put(key, "mine")].map(codeOf)
}

async function each<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

const everywhere = (code: string): string[] => Array(5).fill(code)

describe("a link", () => {
  it("to a file outside is refused by every method and told of by the listing", async () => {
    await symlink(join(outside, "secret.exr"), fixture.at("a.exr"))
    await fixture.put("b.exr", "b")
    expect(await answers("a.exr")).toEqual(everywhere("store/denied"))
    expect((await fixture.list()).map(codeOf)).toEqual(["store/denied", "ok"])
    expect(await readFile(join(outside, "secret.exr"), "utf8")).toBe("secret")
  })

  it("to a folder outside is refused by every method, also for names that are not there yet", async () => {
    await symlink(outside, fixture.at("out"))
    expect(await answers("out/secret.exr")).toEqual(everywhere("store/denied"))
    expect(codeOf(await fixture.put("out/new/folder/a.jpg", "mine"))).toBe("store/denied")
    expect((await fixture.list()).map(codeOf)).toEqual(["store/denied"])
    expect(await fixture.list({ prefix: "out/" })).toEqual([])
    expect(await readdir(outside)).toEqual(["secret.exr"])
  })

  it("in the place of the metadata folder neither writes outside nor reads from there", async () => {
    const { etag } = unwrap(await fixture.put("a/a.jpg", "a", { metadata: { is: "ours" } }))
    const [name = ""] = await fixture.metadataFiles("a")
    await writeFile(join(outside, name), await readFile(fixture.at(`a/.object-metadata/${name}`)))
    await rm(fixture.at("a/.object-metadata"), { recursive: true })
    await symlink(outside, fixture.at("a/.object-metadata"))
    expect(unwrap(await fixture.store.head(fixture.ref("a/a.jpg")))).toMatchObject({
      etag,
      contentType: null,
      metadata: {},
    })
    expect(codeOf(await fixture.put("a/b.jpg", "b"))).toBe("store/denied")
    expect((await readdir(outside)).sort()).toEqual([name, "secret.exr"].sort())
  })

  it("to a file of the bucket is a second name of it, which can be read and not written", async () => {
    await fixture.put("real/a.exr", "a")
    await symlink(fixture.at("real/a.exr"), fixture.at("held.exr"))
    await symlink("held.exr", fixture.at("twice.exr"))
    const [held, real, twice] = (await fixture.list()).map(unwrap)
    expect([held?.key, real?.key, twice?.key]).toEqual(["held.exr", "real/a.exr", "twice.exr"])
    expect(new Set([held?.etag, real?.etag, twice?.etag]).size).toBe(1)
    for (const key of ["held.exr", "twice.exr"]) {
      const head = unwrap(await fixture.store.head(fixture.ref(key)))
      expect(head).toMatchObject({ key, etag: real?.etag })
      expect((await fixture.fetch(key, { ifMatch: head.etag })).bytes?.toString()).toBe("a")
      expect(
        Buffer.from(unwrap(await fixture.store.readRange(fixture.ref(key), { start: 0, end: 9 }))).toString(),
      ).toBe("a")
      expect(codeOf(await fixture.put(key, "mine"))).toBe("store/denied")
    }
    expect(await readFile(fixture.at("real/a.exr"), "utf8")).toBe("a")
  })

  it("to a file of the bucket that is swapped for another is another version", async () => {
    await fixture.put("a.exr", "a")
    await fixture.put("b.exr", "bb")
    await symlink("a.exr", fixture.at("held.exr"))
    const { etag } = unwrap(await fixture.store.head(fixture.ref("held.exr")))
    await rm(fixture.at("held.exr"))
    await symlink("b.exr", fixture.at("held.exr"))
    const { result, bytes } = await fixture.fetch("held.exr", { ifMatch: etag })
    expect([codeOf(result), bytes]).toEqual(["store/precondition-failed", null])
  })

  it("to a folder of the bucket is passed over: what is in it is listed by its own name", async () => {
    await fixture.put("real/a.exr", "a")
    await symlink(fixture.at("real"), fixture.at("latest"))
    const skipped: string[] = []
    const listed = fixture.store.list("show", { onSkipped: (key, leadsTo) => skipped.push(`${key}: ${leadsTo}`) })
    expect(keysOf(await each(listed))).toEqual(["real/a.exr"])
    expect(skipped).toEqual(["latest: folder"])
    expect(await answers("latest/a.exr")).toEqual(everywhere("store/denied"))
  })

  it("to outputs and to what is this program's own is no source", async () => {
    await fixture.put(".proxies/a.exr", "a")
    await symlink(fixture.at(".proxies/a.exr"), fixture.at("b.exr"))
    expect(keysOf(await fixture.list())).toEqual([".proxies/a.exr"])
    expect(await answers("b.exr")).toEqual(everywhere("store/denied"))
  })

  it("in a circle or to nowhere does not disturb the listing, which tells of it", async () => {
    await symlink(fixture.root, fixture.at("again"))
    await symlink("loop", fixture.at("loop"))
    await symlink("nowhere", fixture.at("dangling"))
    await fixture.put("z.exr", "z")
    const skipped: string[] = []
    const listed = fixture.store.list("show", { onSkipped: (key, leadsTo) => skipped.push(`${key}: ${leadsTo}`) })
    expect(keysOf(await each(listed))).toEqual(["z.exr"])
    expect(skipped).toEqual(["again: folder", "dangling: nowhere", "loop: circle"])
    expect(codeOf(await fixture.store.head(fixture.ref("loop")))).toBe("store/denied")
    expect(codeOf(await fixture.store.head(fixture.ref("dangling")))).toBe("store/missing")
  })
})

describe("what is no file", () => {
  it.skipIf(process.platform === "win32")("is never opened: a FIFO would hang", async () => {
    execFileSync("mkfifo", [fixture.at("pipe.exr")])
    await mkdir(fixture.at("folder.exr"))
    for (const key of ["pipe.exr", "folder.exr"])
      expect(await answers(key)).toEqual([...Array(4).fill("store/missing"), "store/bad-key"])
    expect(await fixture.list()).toEqual([])
  })

  it("does not let a file become a folder", async () => {
    await fixture.put("a.exr", "a")
    expect(codeOf(await fixture.put("a.exr/below.jpg", "b"))).toBe("store/bad-key")
  })
})

describe("a key", () => {
  const segment = fc.oneof(
    fc.constantFrom("..", ".", "", "a", ".object-metadata", "..\\..", "C:", "%2e%2e", "~", "\0", "...", "\ufeff"),
    fc.string({ unit: "binary", maxLength: 6 }),
  )
  const key = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(segment, { maxLength: 6 }).map((all) => all.join("/")),
  )

  it.each(["linux", "darwin", "win32"] as const)(
    "of any text is bad or names something below the root (%s)",
    (platform) => {
      fc.assert(
        fc.property(key, (text) => {
          const names = namesOfKey(text, platform)
          if (!names.ok) {
            expect(names.failure.code).toBe("store/bad-key")
            return
          }
          expect(names.value.join("/")).toBe(text)
          for (const name of names.value) {
            expect(name).not.toMatch(platform === "win32" ? /^\.{0,2}$|[\0/\\:]/ : /^\.{0,2}$|[\0/]/)
            expect(name.toLowerCase()).not.toBe(".object-metadata")
          }
        }),
        { numRuns: 2000 },
      )
    },
  )

  it("stays inside the root as a path", () => {
    const buckets = new Map([["show", { name: "show", root: fixture.root, ino: 0n }]])
    fc.assert(
      fc.property(key, (text) => {
        const object = objectFileOf(buckets, fixture.ref(text))
        if (!object.ok) return
        const below = relative(fixture.root, object.value.path)
        expect([below, below.split(sep)[0]]).not.toContainEqual(expect.stringMatching(/^(\.\.)?$/))
      }),
      { numRuns: 2000 },
    )
  })

  it("that is good comes back from the listing as it was", async () => {
    await fc.assert(
      fc.asyncProperty(key, async (text) => {
        const put = await fixture.put(text, "x")
        expect(codeOf(put)).toBeOneOf(["ok", "store/bad-key"])
        if (put.ok) expect(keysOf(await fixture.list({ prefix: text }))).toContain(text)
      }),
      { numRuns: 60 },
    )
    expect(await readdir(outside)).toEqual(["secret.exr"])
  })
})

it("refuses Windows' streams, devices and dropped characters on Windows", () => {
  for (const text of ["a:b", "C:/a", "a\\b", "nul", "COM1.exr", "a.", "a ", "a?b", "a\u0007b"])
    expect([text, codeOf(namesOfKey(text, "win32"))]).toEqual([text, "store/bad-key"])
  expect(codeOf(namesOfKey("shots/console.exr", "win32"))).toBe("ok")
})
