import { factIdOf } from "../../src/events/identity.ts"
import type { ThumbnailMade } from "../../src/events/records.generated.ts"
import { done } from "../../src/events/result.ts"
import type { Step } from "../flow/element-in-flight.ts"
import type { RenderedState } from "./render-outputs.ts"

/** The fact about the thumbnail. Its times are those of the outputs, so a repeat is the same to the letter. */
export const makeThumbnail: Step<RenderedState, RenderedState> = {
  name: "make-thumbnail",
  says: "the fact about the thumbnail",
  appends: "thumbnail-made",
  closing: true,
  run: () => (state) => {
    const value = thumbnailMade(state)
    return Promise.resolve(
      done({ state: { ...state, causationId: value.factId }, fact: { topic: "thumbnail-made", value } }),
    )
  },
}

function thumbnailMade({ element, source, renderKey, causationId, outcome, reused }: RenderedState): ThumbnailMade {
  const { selection, colorspace, thumbnail, generatedAtUs, generatorVersion } = outcome
  return {
    factId: factIdOf("thumbnail-made", element.elementId, source.sourceVersion, renderKey),
    causationId,
    recordedAtMs: Math.trunc(generatedAtUs / 1000),
    element,
    source,
    renderKey,
    selection,
    colorspace,
    thumbnail,
    reused,
    generatorVersion,
  }
}
