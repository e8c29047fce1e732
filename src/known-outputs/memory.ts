import type { OutputNames } from "../element/output-places.ts"
import { done } from "../events/result.ts"
import { type KnownOutputs, MOST_NAMES } from "./index.ts"

/** 200 bytes each: some 20 MB at most. */
export const MOST_REMEMBERED = 100_000

/** What this process has stored or was told of, the oldest forgotten first; nothing outlives it. */
export function openMemoryKnownOutputs({ mostRemembered = MOST_REMEMBERED } = {}): KnownOutputs {
  const byNames = new Map<string, { readonly pictureKey: string; readonly names: OutputNames }>()
  const byPicture = new Map<string, Set<string>>()
  const forget = (id: string): void => {
    const known = byNames.get(id)
    if (known === undefined) return
    byNames.delete(id)
    const ids = byPicture.get(known.pictureKey)
    ids?.delete(id)
    if (ids?.size === 0) byPicture.delete(known.pictureKey)
  }
  return {
    find: async (pictureKey) => {
      const ids = [...(byPicture.get(pictureKey) ?? [])].reverse().slice(0, MOST_NAMES)
      return done(ids.flatMap((id) => byNames.get(id)?.names ?? []))
    },
    remember: async (pictureKey, names) => {
      const id = JSON.stringify([names.bucket, names.stem])
      forget(id)
      byNames.set(id, { pictureKey, names })
      byPicture.set(pictureKey, (byPicture.get(pictureKey) ?? new Set()).add(id))
      const [oldest] = byNames.keys()
      if (byNames.size > mostRemembered && oldest !== undefined) forget(oldest)
      return done(undefined)
    },
  }
}
