import { factIdOf, proxyIdOf } from "../../src/events/identity.ts"
import type { ProxyMade } from "../../src/events/records.generated.ts"
import { done } from "../../src/events/result.ts"
import type { Step } from "../flow/element-in-flight.ts"
import type { RenderedState } from "./render-outputs.ts"

/** The fact that alone suffices for the row and both notifications. */
export const makeProxy: Step<RenderedState, RenderedState> = {
  name: "make-proxy",
  says: "the fact about both outputs: all that the row and the notifications need",
  appends: "proxy-made",
  closing: true,
  run:
    ({ observe }) =>
    (state) => {
      const value = proxyMade(state)
      observe({
        kind: "made",
        bucket: state.ref.bucket,
        key: state.ref.key,
        reused: state.reused || state.files === null,
      })
      return Promise.resolve(
        done({ state: { ...state, causationId: value.factId }, fact: { topic: "proxy-made", value } }),
      )
    },
}

function proxyMade(state: RenderedState): ProxyMade {
  const { element, source, renderKey, causationId, outcome, reused, logicalTimeMs } = state
  const { elementId: _maker, sourceVersion: _version, sourceName: _name, copied: _copied, ...made } = outcome
  return {
    ...made,
    factId: factIdOf("proxy-made", element.elementId, source.sourceVersion, renderKey),
    causationId,
    recordedAtMs: Math.trunc(made.generatedAtUs / 1000),
    element,
    source,
    proxyId: proxyIdOf(element.bucket, element.key, source.fileId),
    reused,
    logicalTimeMs,
  }
}
