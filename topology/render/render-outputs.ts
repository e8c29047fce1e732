import { heldOutputs, type Made, type OutputPlace } from "../../src/element/output-metadata.ts"
import { byProfile, type OutputProfile } from "../../src/element/profiles.ts"
import type { Output } from "../../src/events/records.generated.ts"
import { done, failed } from "../../src/events/result.ts"
import type { RenderedFile, Rendered as RenderedOutputs } from "../../src/picture/index.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts, RenderMemory } from "../ports.ts"
import { type LocalSource, readWhole } from "./fetch-source.ts"
import { type OutputFiles, placeOf } from "./head.ts"
import type { Outdated } from "./locate-source.ts"
import { type Missing, madeFor, warningsOf } from "./reuse-outputs.ts"

/** What the outputs are, and the local files that are still to be stored. */
export type Rendered = Outdated & {
  readonly local: LocalSource
  readonly pictureKey: string
  readonly outcome: Made
  readonly files: OutputFiles
}

/** Pictures that ran out of time are remembered, the latest of them: enough for what a log delivers again. */
export const MOST_TIMED_OUT = 1_000

/** Somebody asks by hand for another full try. */
const TRIGGERS_OF_PEOPLE = ["retry", "reprocess"]

/** One decode, all pictures, as local files. */
export const renderOutputs: Step<Missing, Rendered, RendererPorts & RenderMemory> = {
  name: "render-outputs",
  says: "one decode, all pictures",
  needs: { permit: "rendersInFlight", until: "step" },
  run: async (state, ports, { signal }) => {
    const { selection, colorspace, readWarnings: warnings, settings, pass, element, renderKey } = state
    const earlier = TRIGGERS_OF_PEOPLE.includes(element.trigger) ? undefined : ports.timedOut.get(renderKey)
    if (earlier !== undefined) return failed(earlier)
    const begunMs = ports.clock.steadyMs()
    const reading = { selection, colorspace, warnings, ...(pass && { pass }) }
    const isOver = ports.foreground?.begin()
    const rendered = await readWhole(state, ({ file, folder }) =>
      ports.picture.render({ sourceFile: file, reading, settings, folder, signal }),
    ).finally(() => isOver?.())
    const renderMs = ports.clock.steadyMs() - begunMs
    if (!rendered.ok) {
      if (rendered.failure.code === "tool/timed-out") ports.timedOut.set(renderKey, rendered.failure)
      return rendered
    }
    const outcome = outcomeOf(ports, state, { rendered: rendered.value, renderMs })
    const { files } = rendered.value
    const paths = byProfile(state.profiles.map(({ name }) => [name, files[name]?.path ?? ""]))
    return done({ state: { ...state, outcome, files: paths } })
  },
}

type FinishedRender = { readonly rendered: RenderedOutputs; readonly renderMs: number }

function outcomeOf(
  { store, picture, policy }: RendererPorts,
  state: Missing,
  { rendered, renderMs }: FinishedRender,
): Made {
  const { files } = rendered
  // What the element itself took: time in line says something about the backlog, not about the frame.
  const seconds = (state.fetchMs + state.readMs + renderMs) / 1000
  return {
    ...madeFor(state, store.nowMs()),
    ...heldOutputs(state.profiles, (profile) => {
      const [place, file] = [placeOf(state.ref.bucket, state.claim, profile.name), files[profile.name]]
      if (place === null || file === undefined) throw new Error(`render-outputs: no ${profile.name} was made`)
      return outputOf(place, profile, file)
    }),
    route: rendered.route,
    recipe: picture.recipe,
    toolVersions: rendered.toolVersions,
    timingsMs: rounded({ fetch: state.fetchMs, read: state.readMs, ...rendered.timingsMs }),
    nonFiniteCount: rendered.nonFiniteCount,
    allBlack: rendered.allBlack,
    nearlyBlack: rendered.nearlyBlack,
    thumbnailHash: rendered.thumbnailHash,
    // An engine may repeat what the reading said.
    warnings: warningsOf(state, state.readWarnings, rendered.warnings),
    processingTimeSeconds: Math.round(seconds * 100) / 100,
    generatorVersion: policy.generatorVersion,
    copied: false,
  }
}

const rounded = (timings: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]))

const outputOf = (place: OutputPlace, { contentType }: OutputProfile, file: RenderedFile): Output => ({
  ...place,
  contentType,
  colorspace: file.colorspace,
  width: file.width,
  height: file.height,
  sizeBytes: file.sizeBytes,
  pictureX: file.picture.x,
  pictureY: file.picture.y,
  pictureWidth: file.picture.width,
  pictureHeight: file.picture.height,
})
