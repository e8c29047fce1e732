import type { Made } from "../../src/element/output-metadata.ts"
import { type Draft, proxyIdOf } from "../../src/events/identity.ts"
import { done } from "../../src/events/result.ts"
import type { Step } from "../flow/step.ts"
import type { RendererPorts } from "../ports.ts"
import { colorspaceDetected } from "./detect-colorspace.ts"
import { sourceFetched } from "./fetch-source.ts"
import type { Current, SourceLocated } from "./locate-source.ts"

/** The outputs are where they belong. */
export type Stored = SourceLocated & {
  /** What they are, as they say themselves. */
  readonly outcome: Made
  /** They were made for an earlier arrival, or of the same picture under another name. */
  readonly reused: boolean
  /** They were put there just now. */
  readonly isNew: boolean
}

/** Outputs that are current tell what was fetched and detected when they were made. */
export const recallOutputs: Step<Current, Stored, RendererPorts> = {
  name: "recall-outputs",
  says: "rebuilds the facts from the metadata of the outputs",
  appends: ["source-fetched", "colorspace-detected"],
  run: ({ made, ...state }) => {
    const { reused } = state
    const { contentHash, selection, colorspace } = made
    const facts = [
      sourceFetched(state, { contentHash, reused }),
      colorspaceDetected(state, { selection, colorspace, reused }),
    ]
    return Promise.resolve(done({ state: { ...state, outcome: made, isNew: false }, facts }))
  },
}

/** The facts about the outputs. Their times are those of the outputs, so that a repeat is the same to the letter. */
export const publishOutputs: Step<Stored, Stored, RendererPorts> = {
  name: "publish-outputs",
  says: "tells of the outputs, with all that their row and the notifications need",
  appends: ["thumbnail-made", "proxy-made"],
  isClosing: true,
  run: (state, { observe }) => {
    const { bucket, key } = state.ref
    observe({ kind: "made", bucket, key, reused: state.reused || !state.isNew })
    return Promise.resolve(done({ state, facts: [thumbnailMade(state), proxyMade(state)] }))
  },
}

const aboutOutputs = ({ element, source, renderKey, outcome }: Stored) => ({
  about: [element.elementId, source.sourceVersion, renderKey],
  recordedAtMs: Math.trunc(outcome.generatedAtUs / 1000),
})

function thumbnailMade(state: Stored): Draft {
  const { element, source, renderKey, reused } = state
  const { selection, colorspace, thumbnail, generatorVersion } = state.outcome
  const value = { element, source, renderKey, selection, colorspace, thumbnail, reused, generatorVersion }
  return { topic: "thumbnail-made", ...aboutOutputs(state), value }
}

/** This one alone suffices for the row and both notifications. */
function proxyMade(state: Stored): Draft {
  const { element, source, reused, logicalTimeMs } = state
  const { elementId: _maker, sourceVersion: _version, sourceName: _name, copied: _copied, ...made } = state.outcome
  const proxyId = proxyIdOf(element.bucket, element.key, source.fileId)
  return {
    topic: "proxy-made",
    ...aboutOutputs(state),
    value: { ...made, element, source, proxyId, reused, logicalTimeMs },
  }
}
