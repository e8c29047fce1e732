import { done, type Result } from "../../events/result.ts"
import { bakeLook, lookKey } from "../pixels/bake.ts"
import type { Bakery } from "../pixels/convert.ts"
import type { BakeRequest, LookRequest, Outputs, ReadyLook } from "../pixels/looks.ts"

/** Baked looks, each of them once. */
export type LookShelf = {
  /** Both looks of a picture, baked where they have to be. Fails like bakeLook. */
  readonly ready: (requests: Outputs<LookRequest>, bakery: Bakery) => Promise<Result<Outputs<ReadyLook>>>
}

/** Keeps what was baked for as long as the process lives; a failure is forgotten, so that the next picture tries again. */
export function openLookShelf(configHash: string): LookShelf {
  const kept = new Map<string, Promise<Result<ReadyLook>>>()
  const baked = async (request: BakeRequest, bakery: Bakery): Promise<Result<ReadyLook>> => {
    const key = lookKey(request, configHash)
    const mine = kept.get(key) ?? bakeLook(request, bakery)
    kept.set(key, mine)
    const look = await mine
    if (!look.ok && kept.get(key) === mine) kept.delete(key)
    return look
  }
  const readied = (request: LookRequest, bakery: Bakery): Promise<Result<ReadyLook>> =>
    request.kind === "bake" ? baked(request, bakery) : Promise.resolve(done(request))
  return {
    async ready(requests, bakery) {
      const [proxy, thumbnail] = await Promise.all([
        readied(requests.proxy, bakery),
        readied(requests.thumbnail, bakery),
      ])
      if (!proxy.ok) return proxy
      return thumbnail.ok ? done({ proxy: proxy.value, thumbnail: thumbnail.value }) : thumbnail
    },
  }
}
