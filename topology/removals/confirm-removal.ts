import { outputsOf } from "../../src/element/profiles.ts"
import type { Fact } from "../../src/events/fact.ts"
import { type Draft, type DraftOf, elementIdOf } from "../../src/events/identity.ts"
import type { Element, RemovalReported } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import { after, latestOf } from "../../src/events/time.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import { type Arrived, begun } from "../element.ts"
import type { Step } from "../flow/step.ts"
import type { ElementMemory, ElementPorts } from "../ports.ts"
import { claimOutputs, madeBeforeMs } from "../render/head.ts"

export type Reported = Arrived & Pick<RemovalReported, "sourceVersion" | "eventTimeMs">

export function reported(fact: Fact, ports: ElementPorts & ElementMemory): Reported | null {
  if (fact.topic !== "removal-reported") return null
  const { sourceVersion, eventTimeMs } = fact.value
  const arrived = begun(fact.value, ports)
  return arrived && { ...arrived, sourceVersion, eventTimeMs }
}

export const CONFIRM_REMOVAL = "confirm-removal"

/**
 * A report may be late, out of order with a re-creation, or about an old version: HEAD alone decides. Where a version was
 * deleted and the object is there, another version may have become the current one, of which no event tells: it arrives.
 */
export const confirmRemoval: Step<Reported, Reported, ElementPorts> = {
  name: CONFIRM_REMOVAL,
  says: "HEAD: a source that is not there is gone; one that is there again stays as it is",
  appends: ["element-removed", "element-created"],
  isClosing: true,
  run: async (state, ports) => {
    const { store } = ports
    // All that is later than what HEAD sees must be later than this, too: so the times are taken before.
    const logicalTimeMs = await timeBefore(ports, state)
    if (!logicalTimeMs.ok) return logicalTimeMs
    const confirmedAtMs = store.nowMs()
    const absent = await absentSpellings(store, state.element)
    if (!absent.ok) return absent
    const [key, keyAlternative = null] = absent.value
    if (key === undefined) return done({ state, facts: surfaced(state) })
    const removed: Reported = {
      ...state,
      element: { ...state.element, key, keyAlternative },
      logicalTimeMs: logicalTimeMs.value,
    }
    const { generatorVersion } = ports.policy
    ports.observe({ kind: "removed", bucket: removed.element.bucket, key })
    return done({ state: removed, facts: [elementRemoved(removed, { generatorVersion, confirmedAtMs })] })
  },
}

/** The store's clock, beyond what the report's writer knew and what the outputs tell that are there. */
async function timeBefore(ports: ElementPorts, { element, logicalTimeMs }: Reported): Promise<Result<number>> {
  const lookedAtMs = ports.store.nowMs()
  const claim = await claimOutputs({ ...ports, profiles: outputsOf({}) }, element)
  if (!claim.ok && claim.failure.kind !== "permanent") return claim
  // Outputs that cannot be named or may not be looked at tell nothing; whether the source is gone is another question.
  const madeMs = claim.ok ? madeBeforeMs(claim.value) : 0
  return done(latestOf(logicalTimeMs, lookedAtMs, after(madeMs)))
}

/** Of the spellings that the report's key may have, those under which nothing is; none of them where one exists alone. */
async function absentSpellings(
  store: ObjectStore,
  { bucket, key, keyAlternative }: Element,
): Promise<Result<readonly string[]>> {
  const absent: string[] = []
  for (const spelling of keyAlternative === null ? [key] : [key, keyAlternative]) {
    const head = await store.head({ bucket, key: spelling })
    if (head.ok) continue
    // What no object can be called is not there either; but only a spelling that was guessed can be such a name.
    const isAbsent =
      head.failure.code === "store/missing" || (spelling !== key && head.failure.code === "store/bad-key")
    if (!isAbsent) return head
    absent.push(spelling)
  }
  return done(absent)
}

type Removal = Pick<Reported, "element" | "sourceVersion" | "eventTimeMs" | "logicalTimeMs">

/** `confirmedAtMs` is when HEAD was asked: of whatever came after that moment nothing is said. */
export const elementRemoved = (
  { element, sourceVersion, eventTimeMs, logicalTimeMs }: Removal,
  { generatorVersion, confirmedAtMs }: { readonly generatorVersion: string; readonly confirmedAtMs: number },
): DraftOf<"element-removed"> => ({
  topic: "element-removed",
  about: [element.elementId],
  recordedAtMs: confirmedAtMs,
  value: {
    element,
    sourceVersion,
    eventTimeMs,
    confirmedAtUs: confirmedAtMs * 1000,
    generatorVersion,
    logicalTimeMs,
  },
})

/** The arrival of the version that is current now; none where no version was deleted, since its own event tells of it. */
function surfaced({ element, logicalTimeMs }: Reported): readonly Draft[] {
  if (element.versionId === null) return []
  const elementId = elementIdOf({ again: { elementId: element.elementId, attempt: 0 } })
  const nothingKnown = {
    versionId: null,
    etag: null,
    sizeBytes: null,
    sequencer: null,
    jobId: null,
    keyAlternative: null,
  }
  return [
    {
      topic: "element-created",
      about: [elementId],
      causationId: element.elementId,
      recordedAtMs: element.arrivedAtMs,
      value: { element: { ...element, ...nothingKnown, elementId }, logicalTimeMs, requestedBy: null },
    },
  ]
}
