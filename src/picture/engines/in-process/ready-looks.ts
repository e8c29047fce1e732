import { tmpdir } from "node:os"
import { done, type Result } from "../../../events/result.ts"
import { onceEach } from "../../../system/once-each.ts"
import { bakeLook, checkLook, type LookError, lookKey } from "../../pixels/bake.ts"
import type { BakeRequest, OutputLook, Outputs, ReadyLook } from "../../pixels/output-looks.ts"
import type { LutBaker } from "../../pixels/through-config.ts"
import type { Workshop } from "../../tools/tool-context.ts"
import { keepLook, keptLook, type MeasuredLook } from "./look-file.ts"

/** Both looks of a picture, and what there is to say of each that is a table. */
export type ReadyLooks = { readonly looks: Outputs<ReadyLook>; readonly says: Readonly<Record<string, string>> }

/** Baked looks, each of them once. */
export type LookShelf = {
  /** A look made ready, with its distance from the config's own. Fails like bakeLook. */
  readonly baked: (request: BakeRequest, baker: LutBaker) => Promise<Result<MeasuredLook>>
  /** Both looks of a picture, baked where they have to be. Fails like bakeLook. */
  readonly ready: (requests: Outputs<OutputLook>, baker: LutBaker) => Promise<Result<ReadyLooks>>
}

export type ShelfOptions = {
  readonly configHash: string
  /** Folder where tables outlive the process; null to keep them in memory only. */
  readonly folder: string | null
}

/** A config has few views, but every shot may have a grade of its own: tables of 3.3 MB, two a picture. */
const MOST_FILES = 32

/** Keeps what was baked by the config's hash. */
export function openLookShelf({ configHash, folder }: ShelfOptions): LookShelf {
  const [kept, keptFiles] = [onceEach<MeasuredLook>(), onceEach<MeasuredLook>(MOST_FILES)]
  const baked = (request: BakeRequest, baker: LutBaker): Promise<Result<MeasuredLook>> => {
    const key = lookKey(request, configHash)
    return (request.look === undefined ? kept : keptFiles)(key, () => foundOrBaked(request, baker, { key, folder }))
  }
  const one = async (request: OutputLook, baker: LutBaker): Promise<Result<ReadyOne>> => {
    if (request.kind === "curve") return done({ look: request, says: null })
    const made = await baked(request, baker)
    if (!made.ok) return made
    const { look, error } = made.value
    return done({ look, says: look.kind === "curve" ? null : sentence(lookKey(request, configHash), error) })
  }
  return {
    baked,
    async ready(requests, baker) {
      const [proxy, thumbnail] = await Promise.all([one(requests.proxy, baker), one(requests.thumbnail, baker)])
      if (!proxy.ok) return proxy
      return thumbnail.ok ? done(together({ proxy: proxy.value, thumbnail: thumbnail.value })) : thumbnail
    },
  }
}

/** A look is baked for all pictures that want it: neither the end nor the folder of the first one's job matters to it. */
export const lutBakerOf = ({ tools, limits, guards }: Workshop): LutBaker => ({
  oiiotool: { program: tools.oiiotool.program, version: tools.oiiotool.version },
  limits,
  guards,
  folder: tmpdir(),
  signal: new AbortController().signal,
})

type ReadyOne = { readonly look: ReadyLook; readonly says: string | null }

function together({ proxy, thumbnail }: Outputs<ReadyOne>): ReadyLooks {
  const said = { proxyLook: proxy.says, thumbnailLook: thumbnail.says }
  const says = Object.entries(said).flatMap(([name, words]) => (words === null ? [] : [[name, words] as const]))
  return { looks: { proxy: proxy.look, thumbnail: thumbnail.look }, says: Object.fromEntries(says) }
}

/** Which table it was, and how true: with every result, beside the tools' versions. */
const sentence = (key: string, { largest, mean }: LookError): string =>
  `${key}, off by ${mean.toFixed(5)} of 1 on average, ${largest.toFixed(5)} at most`

type Keeping = { readonly key: string; readonly folder: string | null }

async function foundOrBaked(
  request: BakeRequest,
  baker: LutBaker,
  { key, folder }: Keeping,
): Promise<Result<MeasuredLook>> {
  const found = folder === null ? null : await keptLook(folder, key)
  if (found !== null) return done(found)
  const look = await bakeLook(request, baker)
  if (!look.ok) return look
  const error = await checkLook(request, look.value, baker)
  if (!error.ok) return error
  const measured = { look: look.value, error: error.value }
  if (folder !== null) await keepLook(folder, key, measured)
  return done(measured)
}
