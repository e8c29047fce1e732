import { lstat, mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import type { Result } from "../../events/result.ts"
import { unwrap } from "../../events/testing/results.ts"
import { openDirectoryStore } from "../directory.ts"
import { type FolderFixture, openFolderFixture } from "../testing/folder.ts"
import { codeOf } from "../testing/store-fixture.ts"
import { owner, sweepFolder, uploadName } from "./claim.ts"
import { claimName, type ObjectFile, objectFileOf } from "./object-file.ts"
import { etagOf } from "./version.ts"
import { type Condition, publish } from "./write.ts"

let fixture: FolderFixture
let object: ObjectFile
beforeEach(async () => {
  fixture = await openFolderFixture()
  object = unwrap(
    objectFileOf(new Map([["show", { name: "show", root: fixture.root, ino: 0n }]]), fixture.ref("a.jpg")),
  )
  await mkdir(fixture.at(".object-metadata"))
})
afterEach(() => fixture.release())

const withoutLinks = (): Promise<void> =>
  Promise.reject(Object.assign(new Error("no hard links"), { code: "EPERM", syscall: "link", errno: -1 }))

async function publishWithoutLinks(content: string, condition: Condition = { ifAbsent: true }): Promise<Result<void>> {
  const upload = fixture.at(`.object-metadata/${uploadName()}`)
  await writeFile(upload, content)
  return publish(object, upload, condition, withoutLinks)
}

const claimPath = (): string => fixture.at(`.object-metadata/${claimName("a.jpg")}`)

/** A claim as its owner makes it; gives the file that names the owner. */
async function claimBy(writer: string): Promise<string> {
  const file = join(claimPath(), uploadName().replace(owner, writer))
  await mkdir(claimPath())
  await writeFile(file, "")
  return file
}

const HOURS_AGO = Date.now() / 1000 - 7200

/** An id that no process has: above what kernels give out. */
const DEAD = owner.replace(/-.*/, "-99999999")

it("lets one of many win where the file system has no hard links", async () => {
  const results = await Promise.all(Array.from({ length: 20 }, (_, n) => publishWithoutLinks(`${n}`)))
  const codes = results.map(codeOf)
  expect([codes.filter((code) => code === "ok").length, new Set(codes).size]).toEqual([1, 2])
  expect(await readFile(object.path, "utf8")).toBe(`${codes.indexOf("ok")}`)
  expect(codeOf(await publishWithoutLinks("late"))).toBe("store/precondition-failed")
  expect(await readdir(fixture.at(".object-metadata"))).not.toContain(claimName("a.jpg"))
})

it("yields to a claim whose owner lives", async () => {
  await claimBy(owner)
  expect(codeOf(await publishWithoutLinks("a"))).toBe("store/precondition-failed")
  expect(await fixture.list()).toEqual([])
})

it("takes over a claim whose owner died, or has not moved for an hour", async () => {
  await claimBy(DEAD)
  expect(codeOf(await publishWithoutLinks("a"))).toBe("ok")
  const claim = await claimBy("0123456789ab-1")
  expect(codeOf(await publishWithoutLinks("b", { ifMatch: "x" }))).toBe("store/precondition-failed")
  await utimes(claim, HOURS_AGO, HOURS_AGO)
  const { etag } = unwrap(await fixture.store.head(fixture.ref("a.jpg")))
  expect(codeOf(await publishWithoutLinks("b", { ifMatch: etag }))).toBe("ok")
  expect(await fixture.metadataFiles()).not.toContain(claimName("a.jpg"))
})

it("lets one of many win that take over a dead one's claim", async () => {
  await claimBy(DEAD)
  const codes = (await Promise.all(Array.from({ length: 20 }, (_, n) => publishWithoutLinks(`${n}`)))).map(codeOf)
  expect(codes.filter((code) => code === "ok").length).toBe(1)
})

it("sweeps only what nobody will finish", async () => {
  const upload = (writer: string): string => uploadName().replace(owner, writer)
  const theirs = upload("0123456789ab-1")
  const stale = upload("0123456789ab-2")
  const dead = upload(DEAD)
  const mine = uploadName()
  await claimBy(DEAD)
  for (const name of [theirs, stale, dead, mine, "notes.txt"])
    await writeFile(fixture.at(`.object-metadata/${name}`), "")
  await utimes(fixture.at(`.object-metadata/${stale}`), HOURS_AGO, HOURS_AGO)
  await sweepFolder(object)
  expect(await fixture.metadataFiles()).toEqual([theirs, mine, "notes.txt"].sort())
})

it("sweeps what an earlier process with the same id left", async () => {
  const earlier = uploadName()
  await writeFile(fixture.at(`.object-metadata/${earlier}`), "")
  const beforeStartS = Date.now() / 1000 - process.uptime() - 5
  await utimes(fixture.at(`.object-metadata/${earlier}`), beforeStartS, beforeStartS)
  await sweepFolder(object)
  expect(await fixture.metadataFiles()).toEqual([])
})

/** A sidecar, by name and etag, as its writer leaves it. */
const describe = (name: string): Promise<void> => writeFile(fixture.at(`.object-metadata/${name}.json`), "{}")

/** A finished upload; gives its etag. */
async function uploadBy(writer: string): Promise<string> {
  const upload = fixture.at(`.object-metadata/${uploadName().replace(owner, writer)}`)
  await writeFile(upload, "bytes")
  return etagOf(await lstat(upload, { bigint: true }))
}

it("sweeps sidecars of versions that are no more, and none of a version that is about to be", async () => {
  unwrap(await fixture.put("a.jpg", "a", { metadata: { is: "ours" } }))
  const [current = ""] = await fixture.metadataFiles()
  const coming = await uploadBy("0123456789ab-1")
  for (const name of ["a.jpg.1-2-3", `a.jpg.${coming}`, "single.jpg.7-8-9"]) await describe(name)
  await sweepFolder(object)
  const sidecars = (await fixture.metadataFiles()).filter((name) => name.endsWith(".json"))
  expect(sidecars).toEqual([current, `a.jpg.${coming}.json`, "single.jpg.7-8-9.json"].sort())
})

it("sweeps the sidecar that a writer left when it died before its object became visible", async () => {
  await describe(`a.jpg.${await uploadBy(DEAD)}`)
  await sweepFolder(object)
  expect(await fixture.metadataFiles()).toEqual([])
})

it("sweeps while listing only where it is asked to", async () => {
  const roots = new Map([["show", fixture.root]])
  await describe(`a.jpg.${await uploadBy(DEAD)}`)
  const listWith = async (options: { readonly sweeps?: boolean }): Promise<string[]> => {
    for await (const entry of unwrap(await openDirectoryStore(roots, options)).list("show")) unwrap(entry)
    return fixture.metadataFiles()
  }
  expect((await listWith({})).length).toBe(2)
  expect(await listWith({ sweeps: true })).toEqual([])
})
