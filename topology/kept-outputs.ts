import { wantedRenderKey } from "../src/events/identity.ts"
import type { Made } from "../src/events/output-metadata.ts"
import type { Element } from "../src/events/records.generated.ts"
import { done, failed, type Result } from "../src/events/result.ts"
import { statedSpaceOf } from "../src/ingest/sources.ts"
import type { RenderSettings } from "../src/picture/index.ts"
import { asSourceFailure } from "./fetch-source.ts"
import type { Found } from "./find-source.ts"
import { type Claim, madeOf } from "./outputs.ts"
import type { RendererPorts } from "./ports.ts"

type Asking = {
  readonly element: Element
  readonly found: Found
  readonly claim: Claim
  readonly settings: RenderSettings
  readonly signal: AbortSignal
}

/**
 * Outputs of this version that only an earlier recipe or OCIO config tells from current ones, where the header says that
 * they show the same; null where there are none. The settings are the same when the old recipe makes the old renderKey of
 * them. Fails: store/*, source/gone, source/changed.
 */
export async function keptOutputs(
  { store, picture }: RendererPorts,
  { element, found: { ref, head, tags }, claim, settings, signal }: Asking,
): Promise<Result<Made | null>> {
  const made = madeOf(claim, ref.key)
  if (made === null || element.force || picture.stillShows === undefined) return done(null)
  const { sourceVersion, sizeBytes } = head
  const statedSpace = statedSpaceOf(tags, head.metadata)
  const keyOf = (engine: { readonly recipe: number; readonly configHash: string }): string =>
    wantedRenderKey({ ...ref, sourceVersion }, { settings, statedSpace }, engine)
  const renderKey = keyOf(picture)
  const earlierKey = keyOf({ recipe: made.recipe, configHash: made.colorspace.configHash })
  if (made.renderKey === renderKey || made.renderKey !== earlierKey) return done(null)
  const { colour, choice } = settings
  const same = await picture.stillShows({
    source: {
      sizeBytes,
      readSpan: ({ offset, lengthBytes }) =>
        store.readRange(ref, { start: offset, end: offset + lengthBytes, ifMatch: head.etag, signal }),
    },
    request: { key: ref.key, statedSpace, colour, ...(choice && { choice }) },
    earlier: made,
  })
  if (!same.ok) return same.failure.code.startsWith("store/") ? failed(asSourceFailure(same.failure, ref)) : same
  return done(same.value ? { ...made, renderKey } : null)
}
