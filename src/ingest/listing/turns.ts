/** Folders take turns in a listing that waits for renders. */

import { folderOf, segmentsOf } from "../../element/key.ts"
import { compareKeys } from "../../element/key-order.ts"
import { done, type Result } from "../../events/result.ts"
import { createRoundRobin, type RoundRobin } from "../../log/round-robin.ts"
import type { ObjectEntry, ObjectRef, ObjectStore, SkippedLink } from "../../store/index.ts"
import type { Foreground } from "../../system/foreground.ts"

export type Listed = {
  readonly listed: Result<ObjectEntry>
  /** `ahead`: in its folder's turn, out of the order of keys. `again`: at its place in that order, after it came ahead. */
  readonly place: "in order" | "ahead" | "again"
}

type TurnPorts = {
  readonly store: Pick<ObjectStore, "list" | "listKeys" | "head">
  /** Turns are taken while it is under way: a listing that nothing holds up is over soon enough. */
  readonly foreground: Pick<Foreground, "isUnderWay">
  readonly isFrame: (ref: ObjectRef) => boolean
}

/** Frames of one turn: as many as a render brings along, so that the first turn of a thousand folders is over in minutes. */
const TURN = 8

/** Frames that have come ahead of the order: beyond these the order has to catch up first. */
const MOST_AHEAD = 100_000

/** Names that are kept of all folders together, and of each one that is come to when these are used up. */
const [MOST_NAMES, FEWEST_NAMES] = [100_000, 256]

/**
 * A bucket's listing in the order of keys, which is whole and tells of all that there is; among it, while renders hold it up,
 * the next frames of each other folder in turn. So ten frames never wait for fifty thousand of another folder, and no frame
 * is decided on twice. The folder that the order is in takes its turns in order.
 */
export async function* inTurns(
  ports: TurnPorts,
  {
    bucket,
    signal,
    onSkipped,
  }: {
    readonly bucket: string
    readonly signal?: AbortSignal | undefined
    /** Told of links that the listing passes over. */
    readonly onSkipped?: (key: string, leadsTo: SkippedLink) => void
  },
): AsyncGenerator<Listed> {
  const turns = openFolderTurns(ports, bucket)
  let frames = 0
  for await (const listed of ports.store.list(bucket, onSkipped === undefined ? {} : { onSkipped })) {
    const isAgain = listed.ok && turns.pass(listed.value.key)
    yield { listed, place: isAgain ? "again" : "in order" }
    if (!listed.ok || isAgain || !ports.isFrame(listed.value)) continue
    turns.reach(listed.value.key)
    frames += 1
    if (frames % TURN !== 0) continue
    while (ports.foreground.isUnderWay() && signal?.aborted !== true) {
      const turn = await turns.next()
      for (const entry of turn.entries) yield { listed: done(entry), place: "ahead" }
      if (turn.isOver) break
    }
  }
}

type Folder = {
  readonly name: string
  /** The last key that came ahead of the order; empty before the first. */
  at: string
  /** Names in order; those before `next` are past. */
  kept: readonly string[]
  next: number
  /** No name is left besides those kept. */
  isWhole: boolean
}

/** `isOver`: the order itself goes on now. */
type Turn = { readonly entries: readonly ObjectEntry[]; readonly isOver: boolean }

type FolderTurns = {
  /** The order comes to this key: whether it came ahead. What has appeared since did not, whatever its name. */
  pass(key: string): boolean
  /** The order has come to this frame. */
  reach(key: string): void
  next(): Promise<Turn>
}

function openFolderTurns(ports: TurnPorts, bucket: string): FolderTurns {
  const folders = new Map<string, Folder>()
  const waiting = new Set<Folder>()
  const ahead = new Set<string>()
  const names = openFrameNames(ports, bucket)
  let line: RoundRobin<Folder> | null = null
  let reached = ""
  const wait = (folder: Folder): void => {
    waiting.add(folder)
    line?.add(pathOf(folder.name), folder)
  }
  const lineUp = async (): Promise<RoundRobin<Folder>> => {
    line = createRoundRobin()
    for (const name of await names.folders()) {
      const folder: Folder = { name, at: "", kept: [], next: 0, isWhole: false }
      folders.set(name, folder)
      wait(folder)
    }
    return line
  }
  /** What cannot be looked at is left to the order, which tells of it. */
  const take = async (folder: Folder): Promise<readonly ObjectEntry[]> => {
    const keys = await names.next(folder, compareKeys(folder.at, reached) < 0 ? reached : folder.at)
    const heads = await Promise.all(keys.map((key) => ports.store.head({ bucket, key })))
    const unclear = heads.findIndex((head) => !head.ok && head.failure.code !== "store/missing")
    const passed = unclear === -1 ? heads : heads.slice(0, unclear)
    folder.at = keys[passed.length - 1] ?? folder.at
    if (keys.length > 0 && unclear === -1) wait(folder)
    else names.drop(folder)
    const entries = passed.flatMap((head) => (head.ok ? [head.value] : []))
    for (const { key } of entries) ahead.add(key)
    return entries
  }
  return {
    pass: (key) => ahead.delete(key),
    reach: (key) => {
      reached = key
    },
    next: async () => {
      if (ahead.size >= MOST_AHEAD) return { entries: [], isOver: true }
      const folder = (line ?? (await lineUp())).take()
      if (folder === undefined) return { entries: [], isOver: true }
      const own = folders.get(folderOf(reached))
      if (folder === own) {
        wait(folder)
        return { entries: [], isOver: true }
      }
      waiting.delete(folder)
      const entries = await take(folder)
      const isOwnWaiting = own !== undefined && waiting.has(own)
      return { entries, isOver: entries.length > 0 && !isOwnWaiting }
    },
  }
}

type FrameNames = {
  /** Folders that hold frames, in order. */
  folders(): Promise<readonly string[]>
  /** The next few of a folder, after a key. */
  next(folder: Folder, after: string): Promise<readonly string[]>
  /** Keeps none of this folder any more. */
  drop(folder: Folder): void
}

/** Reads the names of a folder when its turn comes, and keeps them for its next turns where there is room. */
function openFrameNames({ store, isFrame }: TurnPorts, bucket: string): FrameNames {
  let kept = 0
  const keep = (folder: Folder, names: readonly string[]): void => {
    kept += names.length - folder.kept.length
    Object.assign(folder, { kept: names, next: 0 })
  }
  const read = async (folder: Folder, after: string): Promise<void> => {
    const left: string[] = []
    for await (const keys of store.listKeys?.(bucket, folder.name) ?? [])
      for (const key of keys) if (isFrame({ bucket, key })) left.push(key)
    const room = Math.max(FEWEST_NAMES, MOST_NAMES - kept)
    const names = inOrder(left, after)
    keep(folder, names.slice(0, room))
    folder.isWhole = names.length <= room
  }
  return {
    folders: async () => {
      const found: string[] = []
      for await (const keys of store.listKeys?.(bucket) ?? []) {
        const frame = keys.find((key) => isFrame({ bucket, key }))
        if (frame !== undefined) found.push(folderOf(frame))
      }
      return found.toSorted(compareKeys)
    },
    next: async (folder, after) => {
      const isPast = (key: string | undefined): boolean => key !== undefined && compareKeys(key, after) <= 0
      while (isPast(folder.kept[folder.next])) folder.next += 1
      if (folder.next >= folder.kept.length) keep(folder, [])
      if (folder.kept.length === 0 && !folder.isWhole) await read(folder, after)
      return folder.kept.slice(folder.next, folder.next + TURN)
    },
    drop: (folder) => keep(folder, []),
  }
}

const pathOf = (folder: string): readonly string[] => (folder === "" ? [] : segmentsOf(folder.slice(0, -1)))

/** Those that come after `after`, in the order of a listing. */
function inOrder(keys: readonly string[], after: string): readonly string[] {
  const from = Buffer.from(after)
  return keys
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .filter(({ bytes }) => Buffer.compare(bytes, from) > 0)
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key)
}
