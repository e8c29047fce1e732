import { fileNameOf } from "../../src/element/key.ts"
import { withLookBeside } from "../../src/element/looks-beside.ts"
import { madeFromMetadata, pictureIn } from "../../src/element/output-metadata.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { ObjectHead } from "../../src/store/index.ts"
import type { RendererPorts } from "../ports.ts"
import { tagsOf } from "../render/head.ts"
import { wantedOf } from "../render/locate-source.ts"
import type { FoundProxy } from "./revision.ts"

/** What a look at a source needs. */
type SourcePorts = Pick<RendererPorts, "store" | "settingsFor" | "looksBeside" | "picture">

/** A proxy beside its source as it is now. */
export type Compared = FoundProxy & {
  /** current: today's settings make it so of today's source; kept: an earlier recipe made it, of the same settings. */
  readonly standing: "current" | "kept" | "outdated"
  /** The renderKey that facts of a current or kept proxy state. */
  readonly renderKey: string
}

/** Sources that are asked for side by side. */
const AT_ONCE = 16

/** HEAD of the source of each proxy: whether rendering it again would make something else. Fails as the store does. */
export async function compareSources(
  bucket: string,
  proxies: readonly FoundProxy[],
  { ports, signal }: { readonly ports: SourcePorts; readonly signal: AbortSignal },
): Promise<Result<readonly Compared[]>> {
  const compared: Compared[] = []
  for (let at = 0; at < proxies.length; at += AT_ONCE) {
    if (signal.aborted) return failed(failure("stopped", "The comparison with the sources was interrupted."))
    const some = proxies.slice(at, at + AT_ONCE)
    for (const one of await Promise.all(some.map((proxy) => compare(bucket, proxy, ports)))) {
      if (!one.ok) return one
      compared.push(one.value)
    }
  }
  return done(compared)
}

async function compare(bucket: string, proxy: FoundProxy, ports: SourcePorts): Promise<Result<Compared>> {
  const ref = { bucket, key: proxy.key }
  const { sourceVersion = "", renderKey = "" } = pictureIn(proxy.head.metadata) ?? {}
  const head = await ports.store.head(ref)
  // Of a source that is gone another fact tells.
  if (!head.ok && head.failure.code === "store/missing") return done({ ...proxy, standing: "current", renderKey })
  if (!head.ok) return head
  const wanted = await wantedFrom(head.value, ports)
  if (!wanted.ok) return wanted
  const today = wanted.value.renderKey
  if (sourceVersion !== head.value.sourceVersion) return done({ ...proxy, standing: "outdated", renderKey: today })
  if (renderKey === today) return done({ ...proxy, standing: "current", renderKey })
  const made = madeFromMetadata(proxy.head.metadata, fileNameOf(proxy.key))
  const before =
    made && wanted.value.keyOf(sourceVersion, { recipe: made.recipe, configHash: made.colorspace.configHash })
  return done({ ...proxy, standing: renderKey === before ? "kept" : "outdated", renderKey: today })
}

async function wantedFrom(head: ObjectHead, ports: SourcePorts): Promise<Result<ReturnType<typeof wantedOf>>> {
  const ref = { bucket: head.bucket, key: head.key }
  const settings = await withLookBeside(ports.settingsFor(ref), ref, ports.looksBeside)
  if (!settings.ok) return settings
  const tags = head.tags === undefined ? await tagsOf(ref, ports) : done(head.tags)
  return tags.ok ? done(wantedOf({ ref, head, tags: tags.value }, settings.value, ports.picture)) : tags
}
