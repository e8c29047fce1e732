import { factIdOf } from "../src/events/identity.ts"
import type { Colorspace, Selection } from "../src/events/records.generated.ts"
import { done, type Result } from "../src/events/result.ts"
import type { Fetched } from "./fetch-source.ts"
import type { Step, Stepped } from "./passage.ts"
import type { RendererPorts } from "./ports.ts"

export type Decided = Fetched & {
  readonly selection: Selection
  readonly colorspace: Colorspace
  readonly readWarnings: readonly string[]
  readonly readMs: number
}

/** The header alone decides which picture is shown and what its colours mean; the evidence is recorded. */
export const detectColorspace: Step<Fetched, Decided> = {
  name: "detect-colorspace",
  says: "reads the header: which picture, which colour space, and why",
  appends: "colorspace-detected",
  closing: false,
  run: (ports) => async (state) => {
    if (state.made !== null) {
      const { selection, colorspace } = state.made
      return done(stepped(ports, { ...state, selection, colorspace, readWarnings: [], readMs: 0 }))
    }
    const begunMs = ports.clock.steadyMs()
    const reading = await readHeader(ports, state)
    if (!reading.ok) return reading
    const { selection, colorspace, warnings } = reading.value
    const readMs = ports.clock.steadyMs() - begunMs
    return done(stepped(ports, { ...state, selection, colorspace, readWarnings: warnings, readMs }))
  },
}

const readHeader = (
  { picture }: RendererPorts,
  state: Extract<Fetched, { made: null }>,
): Promise<Result<{ selection: Selection; colorspace: Colorspace; warnings: readonly string[] }>> =>
  picture.read({
    sourceFile: state.file,
    key: state.ref.key,
    statedSpace: state.statedSpace,
    colour: state.settings.colour,
  })

function stepped({ clock }: RendererPorts, decided: Decided): Stepped<Decided> {
  const { element, source, renderKey, selection, colorspace, reused, causationId } = decided
  const factId = factIdOf("colorspace-detected", element.elementId, source.sourceVersion, renderKey)
  const value = {
    factId,
    causationId,
    recordedAtMs: clock.nowMs(),
    element,
    source,
    renderKey,
    selection,
    colorspace,
    reused,
  }
  return { state: { ...decided, causationId: factId }, fact: { topic: "colorspace-detected", value } }
}
