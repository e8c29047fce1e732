import { factIdOf } from "../../src/events/identity.ts"
import type { Colorspace, Selection } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { DataPass, Reading } from "../../src/picture/index.ts"
import type { Step, Stepped } from "../flow/element-in-flight.ts"
import type { RendererPorts } from "../ports.ts"
import type { Fetched } from "./fetch-source.ts"

export type Decided = Fetched & {
  readonly selection: Selection
  readonly colorspace: Colorspace
  readonly readWarnings: readonly string[]
  /** The data that is shown, where it is no picture. */
  readonly pass: DataPass | null
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
      return done(stepped(ports, { ...state, selection, colorspace, readWarnings: [], pass: null, readMs: 0 }))
    }
    const { local } = state
    if (local === null) throw new Error("detect-colorspace: outputs are not current, yet nothing was fetched")
    const begunMs = ports.clock.steadyMs()
    const reading = await readHeader(ports, state, local.file)
    if (!reading.ok) return reading
    const { selection, colorspace, warnings, pass = null } = reading.value
    const readMs = ports.clock.steadyMs() - begunMs
    return done(stepped(ports, { ...state, selection, colorspace, readWarnings: warnings, pass, readMs }))
  },
}

const readHeader = (
  { picture }: RendererPorts,
  { ref, statedSpace, settings }: Fetched,
  sourceFile: string,
): Promise<Result<Reading>> => {
  const { colour, choice } = settings
  return picture.read({ sourceFile, key: ref.key, statedSpace, colour, ...(choice && { choice }) })
}

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
