import type { Draft } from "../../src/events/identity.ts"
import type { Source } from "../../src/events/records.generated.ts"
import { done, failed, failure } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import type { HeaderInspector, InspectedSource } from "../../src/picture/index.ts"
import type { Arrived } from "../element.ts"
import type { Attempt, Step } from "../flow/step.ts"
import type { InspectionMemory, InspectorPorts } from "../ports.ts"
import { asSourceFailure, etagOf, find, sourceOf, versionWarnings } from "../render/head.ts"

const STAGES = { head: "head-source", inspect: "inspect-source" } as const

/** Stages of an ElementFailed that is about the header alone: the frame's own state is the renderer's to tell. */
export const INSPECTION_STAGES: ReadonlySet<string> = new Set(Object.values(STAGES))

/** A header that goes on beyond these bytes is one of the few that may take megabytes of memory. */
const LARGE_BYTES = 256 * 1024

/** Large headers at once: each may take as much memory as the limits allow, twice over. */
export const LARGE_HEADERS = 2

/** One header for each frame that is rendered meanwhile, or for each that takes its time; the others when all are. */
export const BESIDE_RENDERS = { everyMs: 100, everyEnded: 1 }

export type Headed = Arrived & { readonly source: Source }

/** Which version there is. From here to its end an inspection counts among those that are in flight. */
export const headSource: Step<Arrived, Headed, InspectorPorts & InspectionMemory> = {
  name: STAGES.head,
  says: "HEAD: which version there is",
  needs: { permit: "inspectionsInFlight", until: "end" },
  run: async (state, ports, { signal }) => {
    await ports.pace(signal)
    const lookedAtMs = ports.store.nowMs()
    const found = await find(ports, state.element)
    if (!found.ok) return found
    const { key } = found.value.ref
    // A key that only its alternative spelling found is the key from here on: rows name the object that exists.
    const element = key === state.element.key ? state.element : { ...state.element, key, keyAlternative: null }
    const logicalTimeMs = latestOf(state.logicalTimeMs, lookedAtMs)
    return done({ state: { ...state, element, source: sourceOf(element, found.value), logicalTimeMs } })
  },
}

/** Ranged GETs with If-Match: header, mtime and rows speak of the one version that HEAD saw. No child process. */
export const inspectSource: Step<Headed, Headed, InspectorPorts & InspectionMemory> = {
  name: STAGES.inspect,
  says: "GET of the first 64 KiB with If-Match; more only where the header goes on",
  appends: ["source-inspected"],
  isClosing: true,
  run: async (state, ports, attempt) => {
    const { key } = state.element
    const { sizeBytes } = state.source
    const read = await ports.headers.inspect({ key, sizeBytes, readSpan: spansOf(state, ports, attempt) })
    if (!read.ok) return failed(asSourceFailure(read.failure, state.element))
    return done({ state, facts: [sourceInspected(state, ports, read.value)] })
  },
}

/** Once a header turns out to be large, it counts among the few that are until its rows are written. */
function spansOf(
  { element: { bucket, key }, source }: Headed,
  { store, largeHeaders }: InspectorPorts & InspectionMemory,
  { signal, hold }: Attempt,
): InspectedSource["readSpan"] {
  let isLarge = false
  return async ({ offset, lengthBytes }) => {
    if (!isLarge && lengthBytes > LARGE_BYTES) {
      const giveBack = await largeHeaders.acquire(signal)
      if (giveBack === null) return failed(failure("stopped", "The inspection was interrupted."))
      hold(giveBack)
      isLarge = true
    }
    const range = { start: offset, end: offset + lengthBytes, ifMatch: etagOf(source), signal }
    const bytes = await store.readRange({ bucket, key }, range)
    if (bytes.ok || bytes.failure.code !== "store/range-not-satisfiable") return bytes
    return failed(failure("source/changed", `s3://${bucket}/${key} became shorter while it was read.`))
  }
}

type Header = Extract<Awaited<ReturnType<HeaderInspector["inspect"]>>, { readonly ok: true }>["value"]

function sourceInspected(state: Headed, { store, policy }: InspectorPorts, { header, bytesRead }: Header): Draft {
  const { element, source, logicalTimeMs } = state
  const nowMs = store.nowMs()
  return {
    topic: "source-inspected",
    about: [element.elementId, source.sourceVersion],
    recordedAtMs: nowMs,
    value: {
      element,
      source,
      ...header,
      warnings: [...header.warnings, ...versionWarnings(source)],
      bytesRead,
      inspectedAtUs: latestOf(nowMs, logicalTimeMs) * 1000,
      generatorVersion: policy.generatorVersion,
    },
  }
}
