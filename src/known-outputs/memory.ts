import { done } from "../events/result.ts"
import { type KnownOutputs, MOST_PLACES, type OutputsAt } from "./index.ts"

/** 200 bytes each: some 20 MB at most. */
export const MOST_NAMES = 100_000

/** What this process has stored or was told of, the oldest forgotten first; nothing outlives it. */
export function openMemoryKnownOutputs({ mostNames = MOST_NAMES } = {}): KnownOutputs {
  const byName = new Map<string, { readonly pictureKey: string; readonly at: OutputsAt }>()
  const byPicture = new Map<string, Set<string>>()
  const forget = (name: string): void => {
    const known = byName.get(name)
    if (known === undefined) return
    byName.delete(name)
    const names = byPicture.get(known.pictureKey)
    names?.delete(name)
    if (names?.size === 0) byPicture.delete(known.pictureKey)
  }
  return {
    find: async (pictureKey) => {
      const names = [...(byPicture.get(pictureKey) ?? [])].reverse().slice(0, MOST_PLACES)
      return done(names.flatMap((name) => byName.get(name)?.at ?? []))
    },
    remember: async (pictureKey, at) => {
      const name = JSON.stringify([at.bucket, at.thumbnail])
      forget(name)
      byName.set(name, { pictureKey, at })
      byPicture.set(pictureKey, (byPicture.get(pictureKey) ?? new Set()).add(name))
      const [oldest] = byName.keys()
      if (byName.size > mostNames && oldest !== undefined) forget(oldest)
      return done(undefined)
    },
  }
}
