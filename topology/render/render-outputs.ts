import { heldOutputs, type Made, type OutputPlace } from "../../src/element/output-metadata.ts"
import { type ByProfile, byProfile, type OutputProfile } from "../../src/element/profiles.ts"
import { type Failure, failure } from "../../src/events/failure.ts"
import type { Output } from "../../src/events/records.generated.ts"
import { done, failed } from "../../src/events/result.ts"
import type { Rendered, RenderedFile, RenderSettings } from "../../src/picture/index.ts"
import type { Semaphore } from "../../src/system/semaphore.ts"
import type { Step } from "../flow/element-in-flight.ts"
import type { RendererPorts } from "../ports.ts"
import { type OutputFiles, placeOf } from "./claim.ts"
import { madeFor, warningsOf } from "./outcome.ts"
import type { Sought } from "./reuse-outputs.ts"

export type RenderedState = Sought & {
  /** What the outputs are, made now or earlier. */
  readonly outcome: Made
  /** Local files still to be stored; null when the outputs were current. */
  readonly files: OutputFiles | null
}

/** Pictures that ran out of time are remembered, the latest of them: enough for what a log delivers again. */
const MOST_TIMED_OUT = 1_000

/** Somebody asks by hand for another full try. */
const TRIGGERS_OF_PEOPLE = ["retry", "reprocess"]

/** renderKeys of the pictures that ran out of their time, and how: the same bytes would, again. */
type TimedOut = Map<string, Failure>

/** One decode, both pictures, as local files. */
export function renderOutputs(lanes: { readonly renders: Semaphore }): Step<Sought, RenderedState> {
  const timedOut: TimedOut = new Map()
  return stepOf(lanes, timedOut)
}

const stepOf = (lanes: { readonly renders: Semaphore }, timedOut: TimedOut): Step<Sought, RenderedState> => ({
  name: "render-outputs",
  says: "one decode, both pictures; nothing when the outputs are current or can be copied",
  appends: null,
  closing: false,
  run: (ports) => async (state, work) => {
    if (state.made !== null) return done({ state: { ...state, outcome: state.made, files: null }, fact: null })
    if (state.copied !== null) return done({ state: { ...state, ...state.copied }, fact: null })
    const { local, selection, colorspace, readWarnings: warnings, settings, pass } = state
    const earlier = TRIGGERS_OF_PEOPLE.includes(state.element.trigger) ? undefined : timedOut.get(state.renderKey)
    if (earlier !== undefined) return failed(earlier)
    if (local === null) throw new Error("render-outputs: outputs are not current, yet nothing was fetched")
    const leave = await lanes.renders.acquire(work.signal)
    if (leave === null) return failed(failure("stopped", `The render of ${state.ref.key} was interrupted.`))
    const begunMs = ports.clock.steadyMs()
    const reading = { selection, colorspace, warnings, ...(pass && { pass }) }
    const rendered = await ports.picture.render({
      sourceFile: local.file,
      reading,
      settings,
      folder: local.folder,
      signal: work.signal,
    })
    leave()
    const renderMs = ports.clock.steadyMs() - begunMs
    if (!rendered.ok) {
      remember(timedOut, state.renderKey, rendered.failure)
      return rendered
    }
    const outcome = outcomeOf(ports, state, { rendered: rendered.value, renderMs })
    const files = filesOf(rendered.value, settings)
    const paths = byProfile(state.profiles.map(({ name }) => [name, files[name]?.path ?? ""]))
    return done({ state: { ...state, outcome, files: paths }, fact: null })
  },
})

function remember(timedOut: TimedOut, renderKey: string, problem: Failure): void {
  if (problem.code !== "tool/timed-out") return
  timedOut.delete(renderKey)
  timedOut.set(renderKey, problem)
  const [oldest] = timedOut.keys()
  if (timedOut.size > MOST_TIMED_OUT && oldest !== undefined) timedOut.delete(oldest)
}

type Finished = { readonly rendered: Rendered; readonly renderMs: number }

function outcomeOf({ store, picture, policy }: RendererPorts, state: Sought, { rendered, renderMs }: Finished): Made {
  const files = filesOf(rendered, state.settings)
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
    // An engine may repeat what the reading said.
    warnings: warningsOf(state, state.readWarnings, rendered.warnings),
    processingTimeSeconds: Math.round(seconds * 100) / 100,
    generatorVersion: policy.generatorVersion,
    copied: false,
  }
}

const rounded = (timings: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 10) / 10]))

const outputOf = (place: OutputPlace, { contentType }: OutputProfile, file: SizedFile): Output => ({
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

type SizedFile = RenderedFile & { readonly width: number; readonly height: number }

/** What the engine wrote, by profile, with the size of each canvas. */
const filesOf = (rendered: Rendered, settings: RenderSettings): ByProfile<SizedFile> =>
  byProfile([
    ["thumbnail", { ...rendered.thumbnail, width: settings.thumbnailEdgePx, height: settings.thumbnailEdgePx }],
    ["proxy", { ...rendered.proxy, width: settings.proxyWidthPx, height: settings.proxyHeightPx }],
  ])
