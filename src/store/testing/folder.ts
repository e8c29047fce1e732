import { chown, mkdtemp, readdir, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openDirectoryStore } from "../directory.ts"
import { type Bench, openBench, valued } from "./bench.ts"

/** A bench over a folder of its own, which a test can reach past the store. */
export type FolderBench = Bench & {
  readonly root: string
  /** Absolute path of a key. */
  at(key: string): string
  /** What is in `.object-metadata` below a folder, sorted. */
  metadataFiles(folder?: string): Promise<string[]>
}

export async function openFolderBench(parent = tmpdir()): Promise<FolderBench> {
  const root = await realpath(await mkdtemp(join(parent, "store-")))
  const open = async () => valued(await openDirectoryStore(new Map([["show", root]])))
  const bench = await openBench({
    store: await open(),
    bucket: "show",
    erase: (key) => rm(join(root, key)),
    reopen: open,
    release: () => rm(root, { recursive: true, force: true }),
  })
  return {
    ...bench,
    root,
    at: (key) => join(root, key),
    metadataFiles: async (folder = "") => (await readdir(join(root, folder, ".object-metadata"))).sort(),
  }
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
