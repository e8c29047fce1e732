import { segmentsOf } from "../element/key.ts"

/**
 * A round-robin queue over a tree of folders: the sub-folders of a folder take turns, and the items of one folder keep their
 * order. So fifty thousand records of one folder delay ten of another by no more than ten turns, wherever the two lie.
 */
export type RoundRobin<T> = {
  /** `path` from the outermost folder inwards. */
  add(path: readonly string[], item: T): void
  /** The item whose turn is next, which stays where it is; undefined when none waits. */
  peek(): T | undefined
  /** Removes and gives the item whose turn is next. */
  take(): T | undefined
  /** Items that wait. */
  size(): number
  /** Drops the items that do not pass. */
  retain(passes: (item: T) => boolean): void
  /** Items of this very folder, those that wait and those to come, get no turn until it is released. */
  hold(path: readonly string[]): void
  release(path: readonly string[]): void
}

/** A folder: its own items and its sub-folders, in the order of their turns. */
type Folder<T> = { readonly inside: Map<string, Folder<T>>; items: T[]; next: number }

/** Name of a folder's own items among its sub-folders; no folder's name has a slash. */
const OWN = "/"

/** Folders below this level count as one: a key may have thousands of levels. */
const MOST_LEVELS = 16

const folder = <T>(): Folder<T> => ({ inside: new Map(), items: [], next: 0 })

/** Items that were taken are cut off once they are many, so that each costs a constant share of the copying. */
const CUT_AT = 1024

function takeOwn<T>(from: Folder<T>): T | undefined {
  const item = from.items[from.next++]
  if (from.next >= CUT_AT && from.next * 2 >= from.items.length) {
    from.items = from.items.slice(from.next)
    from.next = 0
  }
  return item
}

const isEmpty = <T>({ inside, items, next }: Folder<T>): boolean => inside.size === 0 && next >= items.length

/** The item whose turn it is; every folder on the way to it goes to the end of its line. */
function takeFrom<T>(from: Folder<T>): T | undefined {
  const [first] = from.inside
  if (first === undefined) return takeOwn(from)
  const [name, inner] = first
  const item = takeFrom(inner)
  const isLast = isEmpty(inner)
  if (from.inside.size === 1 && !isLast) return item
  from.inside.delete(name)
  if (!isLast) from.inside.set(name, inner)
  return item
}

function firstOf<T>(from: Folder<T>): T | undefined {
  const [first] = from.inside.values()
  return first === undefined ? from.items[from.next] : firstOf(first)
}

function addTo<T>(root: Folder<T>, path: readonly string[], item: T): void {
  let at = root
  for (const [level, name] of path.entries()) if (level < MOST_LEVELS) at = insideOf(at, name)
  insideOf(at, OWN).items.push(item)
}

function insideOf<T>({ inside }: Folder<T>, name: string): Folder<T> {
  const known = inside.get(name)
  if (known !== undefined) return known
  const made = folder<T>()
  inside.set(name, made)
  return made
}

/** Takes the folder's own items out; folders that have nothing else go with it. */
function detach<T>(from: Folder<T>, path: readonly string[]): T[] {
  const [name = OWN, ...rest] = path
  const inner = from.inside.get(name)
  if (inner === undefined) return []
  const items = name === OWN ? inner.items.slice(inner.next) : detach(inner, rest)
  if (name === OWN || isEmpty(inner)) from.inside.delete(name)
  return items
}

export function createRoundRobin<T>(): RoundRobin<T> {
  let root = folder<T>()
  let size = 0
  const held = new Map<string, { readonly path: readonly string[]; items: T[] }>()
  const nameOf = (path: readonly string[]): string => path.slice(0, MOST_LEVELS).join("/")
  const add = (path: readonly string[], item: T): void => {
    const apart = held.get(nameOf(path))
    if (apart === undefined) addTo(root, path, item)
    else apart.items.push(item)
  }
  return {
    add: (path, item) => {
      add(path, item)
      size += 1
    },
    peek: () => firstOf(root),
    take: () => {
      if (firstOf(root) === undefined) return undefined
      size -= 1
      return takeFrom(root)
    },
    size: () => size,
    hold: (path) => {
      if (!held.has(nameOf(path))) held.set(nameOf(path), { path, items: detach(root, path.slice(0, MOST_LEVELS)) })
    },
    release: (path) => {
      const apart = held.get(nameOf(path))
      held.delete(nameOf(path))
      for (const item of apart?.items ?? []) addTo(root, path, item)
    },
    retain: (passes) => {
      for (const apart of held.values()) {
        const kept = apart.items.filter(passes)
        size -= apart.items.length - kept.length
        apart.items = kept
      }
      const retained = folder<T>()
      const copy = (from: Folder<T>, path: readonly string[]): void => {
        for (const item of from.items.slice(from.next)) {
          if (passes(item)) addTo(retained, path, item)
          else size -= 1
        }
        for (const [name, inner] of from.inside) copy(inner, name === OWN ? path : [...path, name])
      }
      copy(root, [])
      root = retained
    },
  }
}

/** Folders of a record of `topic` with this partition key (`bucket/directory/stem`); topics take turns, too. */
export const foldersOf = (topic: string, key: string | null): readonly string[] =>
  key === null ? [topic] : [topic, ...segmentsOf(key).slice(0, -1).slice(0, MOST_LEVELS)]
