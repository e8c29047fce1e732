import type { Draft } from "../../src/events/identity.ts"
import type { Colorspace, Selection } from "../../src/events/records.generated.ts"
import { done } from "../../src/events/result.ts"
import type { DataPass, StoredSamples } from "../../src/picture/index.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts } from "../ports.ts"
import { type Fetched, readWhole } from "./fetch-source.ts"
import type { SourceLocated } from "./locate-source.ts"

export type Decided = Fetched & {
  readonly selection: Selection
  readonly colorspace: Colorspace
  readonly readWarnings: readonly string[]
  /** The data that is shown, where it is no picture. */
  readonly pass: DataPass | null
  readonly stored: StoredSamples
  readonly readMs: number
}

const UNKNOWN_SAMPLES: StoredSamples = { depth: null, allChannels: null }

/** The header alone decides which picture is shown and what its colours mean; the evidence is recorded. */
export const detectColorspace: Step<Fetched, Decided, RendererPorts> = {
  name: "detect-colorspace",
  says: "reads the header: which picture, which colour space, and why",
  appends: ["colorspace-detected"],
  run: async (state, { picture, clock }) => {
    const { ref, statedSpace, settings } = state
    const { colour, choice } = settings
    const begunMs = clock.steadyMs()
    const request = { key: ref.key, statedSpace, colour, ...(choice && { choice }) }
    const reading = await readWhole(state, ({ file }) => picture.read({ sourceFile: file, ...request }))
    if (!reading.ok) return reading
    const { selection, colorspace, warnings, pass = null, stored = UNKNOWN_SAMPLES } = reading.value
    const readMs = clock.steadyMs() - begunMs
    const facts = [colorspaceDetected(state, { selection, colorspace, reused: false })]
    return done({ state: { ...state, selection, colorspace, readWarnings: warnings, pass, stored, readMs }, facts })
  },
}

export const colorspaceDetected = (
  { element, source, renderKey }: SourceLocated,
  known: { readonly selection: Selection; readonly colorspace: Colorspace; readonly reused: boolean },
): Draft => ({
  topic: "colorspace-detected",
  about: [element.elementId, source.sourceVersion, renderKey],
  value: { element, source, renderKey, ...known },
})
