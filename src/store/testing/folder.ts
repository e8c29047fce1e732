import { chown, mkdtemp, readdir, realpath, rename, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { unwrap } from "../../events/testing/results.ts"
import { openDirectoryStore } from "../directory.ts"
import type { ObjectStore } from "../index.ts"
import { openStoreFixture, type StoreFixture } from "./store-fixture.ts"

/** A fixture over a folder of its own, which a test can reach past the store. */
export type FolderFixture = StoreFixture & {
  readonly root: string
  readonly reopen: () => Promise<ObjectStore>
  /** Absolute path of a key. */
  at(key: string): string
  /** What is in `.object-metadata` below a folder, sorted. */
  metadataFiles(folder?: string): Promise<string[]>
}

export async function openFolderFixture(parent = tmpdir()): Promise<FolderFixture> {
  const root = await realpath(await mkdtemp(join(parent, "store-")))
  const open = async () => unwrap(await openDirectoryStore(new Map([["show", root]])))
  const fixture = await openStoreFixture({
    store: await open(),
    bucket: "show",
    erase: (key) => rm(join(root, key)),
    reopen: open,
    breakDown: () => moveAway(root),
    release: () => rm(root, { recursive: true, force: true }),
  })
  return {
    ...fixture,
    root,
    reopen: open,
    at: (key) => join(root, key),
    metadataFiles: async (folder = "") => (await readdir(join(root, folder, ".object-metadata"))).sort(),
  }
}

/** The folder is gone, as a mount that went away, until the returned function is called. */
export async function moveAway(root: string): Promise<() => Promise<void>> {
  await rename(root, `${root}-away`)
  return () => rename(`${root}-away`, root)
}

const NOBODY = 65_534

/** Runs `work` with the rights of an ordinary user, for whom permissions count; `root` belongs to that user. */
export async function asOrdinaryUser<T>(root: string, work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  await chown(root, NOBODY, NOBODY)
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
