import { withLookBeside } from "../../src/element/looks-beside.ts"
import { type Made, movedOutputs } from "../../src/element/output-metadata.ts"
import { outputRef } from "../../src/element/output-places.ts"
import { type OutputProfile, outputsOf, PROXY, storedOutputsOf } from "../../src/element/profiles.ts"
import { statedSpaceOf } from "../../src/element/source.ts"
import { type Labels, withStatedIds } from "../../src/element/space-harbor.ts"
import { wantedRenderKey } from "../../src/events/identity.ts"
import type { Element, Source } from "../../src/events/records.generated.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import { after, latestOf } from "../../src/events/time.ts"
import type { RenderSettings } from "../../src/picture/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import type { Arrived } from "../element.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts } from "../ports.ts"
import {
  asSourceFailure,
  type Claim,
  claimOutputs,
  type FoundSource,
  find,
  madeBeforeMs,
  madeOf,
  placeOf,
  sourceOf,
  versionWarnings,
} from "./head.ts"

/** What is known of every source that is there. */
export type SourceLocated = Arrived & {
  readonly ref: ObjectRef
  readonly source: Source
  readonly renderKey: string
  readonly settings: RenderSettings
  readonly statedSpace: string | null
  /** The pictures that the settings ask for. */
  readonly profiles: readonly OutputProfile[]
  readonly claim: Claim
  /** What SpaceHarbor has to find on its outputs; null where it is not served. */
  readonly labels: Labels | null
}

/** There is nothing to fetch or to render: the outputs themselves tell what they are. */
export type Current = SourceLocated & {
  readonly outputs: "current"
  readonly made: Made
  /** They were made for an earlier arrival. */
  readonly reused: boolean
}

/** There are no outputs, or they are of something else. */
export type Outdated = SourceLocated & {
  readonly outputs: "outdated"
  /** A new picture is asked for: outputs of the same bytes are none. */
  readonly mustRender: boolean
}

export type Located = Current | Outdated

/** HEAD of the source and of its outputs: which version there is, which renderKey it wants, whose the output names are. */
export const locateSource: Step<Arrived, Located, RendererPorts> = {
  name: "locate-source",
  says: "HEAD: which version there is, what its outputs are called, whether they are current or else can be written",
  run: async (state, ports, { signal }) => {
    // The headers of all that has arrived with it are not to be read before the first of them is rendered.
    ports.foreground?.announce()
    // Before HEAD, not after: a version that HEAD did not see yet came later than this.
    const lookedAtMs = ports.store.nowMs()
    const found = await find(ports, state.element)
    if (!found.ok) return found
    const { ref } = found.value
    const plain = ports.settingsFor(ref)
    const profiles = outputsOf(plain)
    const claim = await claimOutputs({ ...ports, profiles: storedOutputsOf(plain) }, ref)
    if (!claim.ok) return claim
    const settings = await withLookBeside(plain, ref, ports.looksBeside)
    if (!settings.ok) return settings
    const wanted = wantedOf(found.value, settings.value, ports.picture)
    const labels = ports.policy.spaceharbor === true ? labelsOf(found.value) : null
    const looked = { found: found.value, profiles, claim: claim.value, lookedAtMs, labels, ...wanted }
    const kept = await keptOutputs(ports, { element: state.element, ...looked, signal })
    if (!kept.ok) return kept
    const next = located(state, { ...looked, kept: kept.value })
    if (next.outputs === "outdated") {
      // Before anything is fetched: a picture that cannot be stored is not worth rendering.
      const writable = await ports.store.checkWritable(outputRef(next.claim.names, PROXY))
      if (!writable.ok) return writable
    }
    for (const says of versionWarnings(next.source)) ports.observe({ kind: "remark", ...next.ref, says })
    return done({ state: next })
  },
}

type Lookup = WantedPicture & {
  readonly found: FoundSource
  readonly profiles: readonly OutputProfile[]
  readonly claim: Claim
  readonly lookedAtMs: number
  readonly labels: Labels | null
}

const labelsOf = ({ head: { metadata }, tags }: FoundSource): Labels => ({ tags, metadata })

/** What is asked for of a source by these settings. */
export function wantedOf({ ref, head, tags }: FoundSource, settings: RenderSettings, today: Engine): WantedPicture {
  const statedSpace = statedSpaceOf(tags, head.metadata)
  const keyOf = (sourceVersion: string, engine = today, asked = settings): string =>
    wantedRenderKey({ ...ref, sourceVersion }, { settings: asked, statedSpace }, engine)
  return { settings, statedSpace, keyOf, renderKey: keyOf(head.sourceVersion) }
}

function located(
  state: Arrived,
  {
    found,
    profiles,
    claim,
    lookedAtMs,
    labels,
    settings,
    statedSpace,
    keyOf,
    renderKey,
    kept,
  }: Lookup & { readonly kept: Made | null },
): Located {
  const { ref } = found
  const element = labels === null ? state.element : withStatedIds(state.element, labels)
  const made = kept ?? madeOf(claim, ref.key)
  const force = element.force && !(element.trigger === COPY && isCopyOfAnother(made, keyOf))
  const current = made?.renderKey === renderKey && (!force || made.elementId === element.elementId) ? made : null
  const source: SourceLocated = {
    ...state,
    // A key that only its alternative spelling found is the key from here on: rows and facts name the object that exists.
    element: ref.key === element.key ? element : { ...element, key: ref.key, keyAlternative: element.key },
    ref,
    source: sourceOf(element, found),
    renderKey,
    settings,
    statedSpace,
    profiles,
    claim,
    labels,
    logicalTimeMs: logicalTimeOf(state, { claim, made: current, lookedAtMs }),
  }
  if (current === null) return { ...source, outputs: "outdated", mustRender: force }
  const reused = kept !== null || current.copied || current.elementId !== element.elementId
  // Where the outputs are, not where they were made: a whole tree of them may have been moved.
  const moved = movedOutputs(current, (name) => placeOf(ref.bucket, claim, name))
  return { ...source, outputs: "current", made: { ...current, ...moved }, reused }
}

const COPY = "ObjectCreated:Copy"

/**
 * A copy of an object onto itself asks for a new picture; one of another object is an arrival like any other. Outputs that
 * were made for this very key tell the two apart: a copy has none, or those that were copied along.
 */
const isCopyOfAnother = (made: Made | null, keyOf: (sourceVersion: string) => string): boolean =>
  made === null || made.renderKey !== keyOf(made.sourceVersion)

/** A repeat says what was said before, to the letter; all others say something later than what the outputs tell. */
function logicalTimeOf(
  { element, logicalTimeMs }: Arrived,
  { claim, made, lookedAtMs }: Pick<Lookup, "claim" | "lookedAtMs"> & { readonly made: Made | null },
): number {
  if (made?.elementId === element.elementId && made.logicalTimeMs !== null) return made.logicalTimeMs
  return latestOf(logicalTimeMs, lookedAtMs, after(madeBeforeMs(claim)))
}

/** What of an engine is part of a renderKey. */
type Engine = { readonly recipe: number; readonly configHash: string }

/** What is asked for of a source. */
type WantedPicture = {
  readonly settings: RenderSettings
  readonly statedSpace: string | null
  readonly renderKey: string
  /** The renderKey of a version by these settings, by today's engine where no other is given. */
  readonly keyOf: (sourceVersion: string, engine?: Engine, asked?: RenderSettings) => string
}

type KeptSearch = WantedPicture & {
  readonly element: Element
  readonly found: FoundSource
  readonly claim: Claim
  readonly signal: AbortSignal
}

/** What today's default is was another preset by earlier recipes, of the same quality. */
const settingsBefore = (settings: RenderSettings): RenderSettings =>
  settings.proxyPreset === "veryfast" ? { ...settings, proxyPreset: "medium" } : settings

/**
 * Outputs of this version that only an earlier recipe or OCIO config tells from current ones, where the header says that
 * they show the same; null where there are none. The settings are the same when the old recipe makes the old renderKey of
 * them. Fails: store/*, source/gone, source/changed.
 */
async function keptOutputs(
  { store, picture }: RendererPorts,
  { element, found: { ref, head }, claim, settings, statedSpace, renderKey, keyOf, signal }: KeptSearch,
): Promise<Result<Made | null>> {
  const made = madeOf(claim, ref.key)
  if (made === null || element.force || picture.earlierOutputsHold === undefined) return done(null)
  if (made.renderKey === renderKey) return done(null)
  const { sourceVersion, sizeBytes } = head
  const earlier = { recipe: made.recipe, configHash: made.colorspace.configHash }
  const before = made.recipe === picture.recipe ? [settings] : [settings, settingsBefore(settings)]
  if (!before.some((asked) => made.renderKey === keyOf(sourceVersion, earlier, asked))) return done(null)
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
