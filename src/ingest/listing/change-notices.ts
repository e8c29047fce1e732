/** Hears from the file system what changes below a folder. */

import { type FSWatcher, watch } from "node:fs"
import { lstat, opendir } from "node:fs/promises"
import { join } from "node:path"
import { OUTPUTS_FOLDER } from "../../element/key.ts"

/** What changed below a folder since somebody asked last; keys as the store has them, those of folders end with a slash. */
export type Changes = {
  /** Files that were written. */
  readonly written: ReadonlySet<string>
  /** Names that came or went. */
  readonly renamed: ReadonlySet<string>
  /** Folders that came or went, or of which the file system said no more than that: to be listed. */
  readonly folders: ReadonlySet<string>
}

export type ChangeNotices = {
  /** What changed; forgets it. */
  take(): Changes
  /** Null while the file system tells of every folder; else why it no longer does, for a person. */
  lost(): string | null
  close(): void
}

/** Calls `heard` at each change of a folder's own entries. Throws, or tells of an error, where the system has no watches left. */
export type OpenWatcher = (
  folder: string,
  heard: (event: "rename" | "change", name: string | null) => void,
) => Pick<FSWatcher, "on" | "close">

export const openWatcher: OpenWatcher = (folder, heard) =>
  watch(folder, { persistent: false }, (event, name) => heard(event === "rename" ? "rename" : "change", name))

/** Folders that hold no sources: outputs, what the store keeps beside objects, and the state. */
const OURS: ReadonlySet<string> = new Set([OUTPUTS_FOLDER, ".object-metadata", ".oiio-proxy-generator"])

export type NoticesOptions = {
  readonly root: string
  readonly open: OpenWatcher
  /** Called at every change. */
  readonly wake: () => void
}

type Tree = NoticesOptions & {
  /** By the folder's key; "" is the root. */
  readonly watchers: Map<string, Pick<FSWatcher, "close">>
  changes: Record<keyof Changes, Set<string>>
  lost: string | null
}

const noChanges = (): Tree["changes"] => ({ written: new Set(), renamed: new Set(), folders: new Set() })

/**
 * One watch for each folder, none for its files: Node's own recursive watching takes one for every file on Linux, of which a user
 * has some ten thousands. What the kernel's queue cannot hold is lost without a word, so whoever listens lists the whole folder
 * from time to time all the same. Resolves when all folders are watched.
 */
export async function openChangeNotices(options: NoticesOptions): Promise<ChangeNotices> {
  const tree: Tree = { ...options, watchers: new Map(), changes: noChanges(), lost: null }
  await watchFolder(tree, "")
  return {
    take: () => {
      const { changes } = tree
      tree.changes = noChanges()
      return changes
    },
    lost: () => tree.lost,
    close: () => dropBelow(tree, ""),
  }
}

/** The folder and all below it. One that is gone by now, or may not be read, has nothing to tell. */
async function watchFolder(tree: Tree, key: string): Promise<void> {
  if (tree.lost !== null || tree.watchers.has(key)) return
  const folder = join(tree.root, key)
  const watcher = opened(tree, folder, (event, name) => void hear(tree, key, { event, name }))
  if (watcher === null) return
  tree.watchers.set(key, watcher)
  watcher.on("error", () => leave(tree, key))
  for (const name of await foldersIn(folder)) await watchFolder(tree, `${key}${name}/`)
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const names: string[] = []
  try {
    for await (const entry of await opendir(folder))
      if (entry.isDirectory() && !OURS.has(entry.name)) names.push(entry.name)
  } catch (error) {
    if (!isOfTheWorld(error)) throw error
  }
  return names
}

const isOfTheWorld = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && "syscall" in error

/** Watches of a user, and open files of this process: without them nothing more is heard of new folders. */
const RUN_OUT: ReadonlySet<string> = new Set(["ENOSPC", "EMFILE", "ENFILE", "ENOMEM"])

function opened(tree: Tree, folder: string, heard: Parameters<OpenWatcher>[1]) {
  try {
    return tree.open(folder, heard)
  } catch (error) {
    if (!isOfTheWorld(error)) throw error
    if (RUN_OUT.has(error.code ?? "") || folder === join(tree.root, "")) giveUp(tree, error.code ?? "")
    return null
  }
}

function giveUp(tree: Tree, code: string): void {
  const more = code === "ENOSPC" ? "; raise fs.inotify.max_user_watches to hear of all" : ""
  dropBelow(tree, "")
  tree.lost = `The system gives no notices of changes for all folders below ${tree.root} (${code}${more})`
  tree.wake()
}

async function hear(
  tree: Tree,
  folder: string,
  { event, name }: { readonly event: "rename" | "change"; readonly name: string | null },
): Promise<void> {
  // A name that is no valid UTF-8 comes with a character in its place: the folder's listing tells of it.
  if (name === null || name.includes("\ufffd")) tree.changes.folders.add(folder)
  else if (OURS.has(name)) return
  else if (event === "change") tree.changes.written.add(folder + name)
  else await hearOfName(tree, folder + name)
  tree.wake()
}

/** A folder that came is watched before it is listed, so that nothing is missed; of one that went, all below it went. */
async function hearOfName(tree: Tree, key: string): Promise<void> {
  if (tree.watchers.has(`${key}/`)) leave(tree, `${key}/`)
  const found = await lstat(join(tree.root, key)).catch((error: unknown) => {
    if (!isOfTheWorld(error)) throw error
    return null
  })
  if (found?.isDirectory() !== true) tree.changes.renamed.add(key)
  else {
    await watchFolder(tree, `${key}/`)
    tree.changes.folders.add(`${key}/`)
  }
}

function leave(tree: Tree, key: string): void {
  dropBelow(tree, key)
  tree.changes.folders.add(key)
  tree.wake()
}

function dropBelow(tree: Tree, key: string): void {
  for (const [watched, watcher] of tree.watchers) {
    if (!watched.startsWith(key)) continue
    watcher.close()
    tree.watchers.delete(watched)
  }
}
