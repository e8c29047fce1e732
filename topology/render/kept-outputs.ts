import type { Made } from "../../src/element/output-metadata.ts"
import type { Element } from "../../src/events/records.generated.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import type { RenderSettings } from "../../src/picture/index.ts"
import type { RendererPorts } from "../ports.ts"
import { type Claim, madeOf } from "./claim.ts"
import { asSourceFailure } from "./fetch-source.ts"
import type { Found } from "./find-source.ts"

/** What of an engine is part of a renderKey. */
export type Engine = { readonly recipe: number; readonly configHash: string }

/** What is asked for of a source. */
export type Wanted = {
  readonly settings: RenderSettings
  readonly statedSpace: string | null
  readonly renderKey: string
  /** The renderKey of a version by these settings, by today's engine where no other is given. */
  readonly keyOf: (sourceVersion: string, engine?: Engine) => string
}

type Asking = Wanted & {
  readonly element: Element
  readonly found: Found
  readonly claim: Claim
  readonly signal: AbortSignal
}

/**
 * Outputs of this version that only an earlier recipe or OCIO config tells from current ones, where the header says that
 * they show the same; null where there are none. The settings are the same when the old recipe makes the old renderKey of
 * them. Fails: store/*, source/gone, source/changed.
 */
export async function keptOutputs(
  { store, picture }: RendererPorts,
  { element, found: { ref, head }, claim, settings, statedSpace, renderKey, keyOf, signal }: Asking,
): Promise<Result<Made | null>> {
  const made = madeOf(claim, ref.key)
  if (made === null || element.force || picture.earlierOutputsHold === undefined) return done(null)
  if (made.renderKey === renderKey) return done(null)
  const { sourceVersion, sizeBytes } = head
  const earlier = { recipe: made.recipe, configHash: made.colorspace.configHash }
  if (made.renderKey !== keyOf(sourceVersion, earlier)) return done(null)
  const { colour, choice } = settings
  const same = await picture.earlierOutputsHold({
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
