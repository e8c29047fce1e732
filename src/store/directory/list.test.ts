import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { asOrdinaryUser, type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf, keysOf } from "../testing/store-fixture.ts"

let fixture: FolderFixture
beforeEach(async () => {
  fixture = await openFolderFixture()
})
afterEach(() => fixture.release())

/** Files that somebody else left here. */
async function writeAll(keys: readonly string[]): Promise<void> {
  const folders = new Set(keys.map((key) => key.slice(0, key.lastIndexOf("/") + 1)))
  for (const folder of folders) await mkdir(fixture.at(folder), { recursive: true })
  for (const key of keys) await writeFile(fixture.at(key), "")
}

it("lists 10,000 files in order", async () => {
  const shots = ["sh-1", "sh", "sh.b", "sh0", "sh/deeper", "sh/é", "sh/🎬", "sh/ﬁ"]
  const keys = Array.from({ length: 10_000 }, (_, n) => `${shots[n % shots.length]}/beauty.${(n * 7919) % 10_007}.exr`)
  await writeAll(keys)
  const expected = keys.map((key) => Buffer.from(key)).sort(Buffer.compare)
  expect(keysOf(await fixture.list())).toEqual(expected.map((key) => key.toString("utf8")))
})

it("does not list what is ours", async () => {
  await writeAll(["a.exr", ".oiio-proxy-generator/state.sqlite", "sub/.oiio-proxy-generator/x", ".proxies/a_thumb.jpg"])
  await fixture.put("a_proxy.mp4", "a")
  await writeFile(fixture.at(".object-metadata/left-over.upload"), "torn")
  expect(keysOf(await fixture.list())).toEqual([".proxies/a_thumb.jpg", "a.exr", "a_proxy.mp4"])
  expect(await fixture.list({ prefix: ".object-metadata/" })).toEqual([])
})

it("gives keys alone without what is ours, cannot be read or is a link to a folder", async () => {
  await writeAll(["a.exr", "sub/deep/b.exr", "sub/.oiio-proxy-generator/x", "locked/c.exr", ".proxies/a_thumb.jpg"])
  await symlink(fixture.at("sub"), fixture.at("linked"))
  await symlink(fixture.at("a.exr"), fixture.at("sub/held.exr"))
  await symlink("nowhere", fixture.at("sub/dangling.exr"))
  await chmod(fixture.at("locked"), 0)
  const keys = await asOrdinaryUser(fixture.root, async () => {
    const all: string[] = []
    for await (const some of fixture.store.listKeys?.("show") ?? []) all.push(...some)
    return all
  })
  expect(keys.toSorted()).toEqual([".proxies/a_thumb.jpg", "a.exr", "sub/deep/b.exr", "sub/held.exr"])
})

it("gives the keys of one folder alone, and none of what is ours, below a link, or no folder", async () => {
  await writeAll(["a.exr", "sub/b.exr", "sub/deep/c.exr", "sub/.oiio-proxy-generator/x"])
  await symlink(fixture.at("sub"), fixture.at("linked"))
  const keysIn = async (folder: string) => {
    const all: string[] = []
    for await (const some of fixture.store.listKeys?.("show", folder) ?? []) all.push(...some)
    return all
  }
  expect(await keysIn("")).toEqual(["a.exr"])
  expect(await keysIn("sub/")).toEqual(["sub/b.exr"])
  for (const none of ["sub", "linked/", "sub/.oiio-proxy-generator/", "../", "none/", "a.exr/"])
    expect(await keysIn(none)).toEqual([])
})

it.skipIf(process.platform === "win32")("names a folder that it may not read and goes on", async () => {
  await writeAll(["a.exr", "locked/b.exr", "locked.exr", "m/locked/deep/c.exr", "z.exr"])
  await chmod(fixture.at("locked"), 0)
  await chmod(fixture.at("m/locked"), 0)
  const listed = await asOrdinaryUser(fixture.root, () => fixture.list())
  const said = listed.map((entry) => (entry.ok ? entry.value.key : entry.failure))
  expect(said).toEqual([
    "a.exr",
    "locked.exr",
    expect.objectContaining({ code: "store/denied", says: expect.stringContaining('"locked/"') }),
    expect.objectContaining({ code: "store/denied", says: expect.stringContaining('"m/locked/"') }),
    "z.exr",
  ])
})

it.skipIf(process.platform !== "linux")("names files and folders whose names are not UTF-8 and goes on", async () => {
  const raw = (...bytes: number[]) => Buffer.concat([Buffer.from(`${fixture.root}/b`), Buffer.from(bytes)])
  await writeFile(raw(0xff, 0x41), "")
  await mkdir(raw(0xc3, 0x28))
  await writeAll(["a.exr", "z.exr"])
  const listed = await fixture.list()
  expect(listed.map(codeOf)).toEqual(["ok", "store/bad-key", "store/bad-key", "ok"])
  expect(JSON.stringify(listed)).toContain("b\\\\\\\\xffA")
})

it("passes over what goes away while it lists", async () => {
  await writeAll(["a/1.exr", "b/1.exr", "c/1.exr"])
  const found: string[] = []
  for await (const entry of fixture.store.list("show")) {
    found.push(...keysOf([entry]))
    await rm(fixture.at("b"), { recursive: true, force: true })
  }
  expect(found).toEqual(["a/1.exr", "c/1.exr"])
})

it("calls a folder that is gone or replaced out of reach, not empty", async () => {
  await writeAll(["a.exr"])
  await rename(fixture.root, `${fixture.root}.away`)
  const codes = async () => [...(await fixture.list()), await fixture.store.head(fixture.ref("a.exr"))].map(codeOf)
  expect([...(await codes()), codeOf(await fixture.put("b.jpg", "b"))]).toEqual(Array(3).fill("store/unreachable"))
  await mkdir(fixture.root)
  expect([...(await codes()), codeOf(await fixture.put("b.jpg", "b"))]).toEqual(Array(3).fill("store/unreachable"))
  await rm(fixture.root, { recursive: true })
  await rename(`${fixture.root}.away`, fixture.root)
  expect(await codes()).toEqual(["ok", "ok"])
})
