import { mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { objectStoreContract } from "./contract.ts"
import { openDirectoryStore } from "./directory.ts"
import { moveAway } from "./testing/folder.ts"

const open = async () => {
  const root = await mkdtemp(join(tmpdir(), "store-"))
  const openStore = async () => unwrap(await openDirectoryStore(new Map([["show", root]])))
  return {
    store: await openStore(),
    bucket: "show",
    erase: (key: string) => rm(join(root, key)),
    reopen: openStore,
    breakDown: () => moveAway(root),
    release: () => rm(root, { recursive: true, force: true }),
  }
}

objectStoreContract("directory", open, {
  badKeys: [
    "",
    "/etc/passwd",
    "//host/share",
    "a//b.exr",
    "folder/",
    "../up.exr",
    "a/../../up.exr",
    "./a.exr",
    "a/./b.exr",
    "a/..",
    "nul\0byte.exr",
    "lone \ud800 surrogate",
    ".object-metadata/a.exr.json",
    "a/.OBJECT-metadata/b",
    ".oiio-proxy-generator/state.sqlite",
    "x".repeat(256),
    `${"long/".repeat(1000)}a.exr`,
  ],
  heldKeys: [
    "back\\slash.exr",
    "c:stream.exr",
    "CON",
    "trailing. ",
    "x".repeat(255),
    `${"é".repeat(127)}/${"映".repeat(85)}`,
  ],
  etagOfSameBytes: "new",
  keeps: "for later runs",
  checkWritable: "asks",
})

describe("an object that is read in place", () => {
  const signal = new AbortController().signal

  const given = async (bytes: string) => {
    const { store, release } = await open()
    const ref = { bucket: "show", key: "a.exr" }
    const bucket = await mkdtemp(join(tmpdir(), "in-place-"))
    const local = join(bucket, "new.exr")
    await writeFile(local, bytes)
    unwrap(await store.put(ref, local, { contentType: "image/x-exr", tags: {}, metadata: {} }))
    const { etag: ifMatch } = unwrap(await store.head(ref))
    const read = (part: { ifMatch?: string; maxBytes?: number; signal?: AbortSignal } = {}) => {
      if (store.readInPlace === undefined) throw new Error("A folder's files can be read in place.")
      return store.readInPlace(ref, { ifMatch, maxBytes: 1e6, signal, ...part })
    }
    return { read, local, end: async () => Promise.all([release(), rm(bucket, { recursive: true })]) }
  }

  it("is its own file, with the hash of its bytes, and still the version asked for", async () => {
    const { read, end } = await given("frame")
    const { file, contentHash, contentSha256, sizeBytes, confirm } = unwrap(await read())
    expect(contentSha256).toBeNull()
    expect(await readFile(file, "utf8")).toBe("frame")
    expect([contentHash, sizeBytes]).toEqual(["b043c02a3c712377786f80a22afe3a00", 5])
    expect((await confirm()).ok).toBe(true)
    await end()
  })

  it.each<readonly [string, (file: string, local: string) => Promise<unknown>, string]>([
    ["written into", (file) => writeFile(file, "other"), "store/precondition-failed"],
    ["replaced", async (file, local) => rename(local, file), "store/precondition-failed"],
    ["deleted", (file) => rm(file), "store/missing"],
    [
      "replaced by a link",
      async (file, local) => {
        await rm(file)
        await symlink(local, file)
      },
      "store/precondition-failed",
    ],
  ])("is another version once it is %s", async (_, change, code) => {
    const { read, local, end } = await given("frame")
    const { file, confirm } = unwrap(await read())
    await change(file, local)
    expect(await confirm()).toMatchObject({ ok: false, failure: { code } })
    await end()
  })

  it("is refused in another version, beyond the limit and once it is told to stop", async () => {
    const { read, end } = await given("frame")
    expect(await read({ ifMatch: "other" })).toMatchObject({ failure: { code: "store/precondition-failed" } })
    expect(await read({ maxBytes: 4 })).toMatchObject({ failure: { code: "store/too-large" } })
    expect(await read({ signal: AbortSignal.abort() })).toMatchObject({ failure: { code: "stopped" } })
    await end()
  })
})
