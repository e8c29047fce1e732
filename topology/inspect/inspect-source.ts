import { failure } from "../../src/events/failure.ts"
import { factIdOf } from "../../src/events/identity.ts"
import type { Source, SourceInspected } from "../../src/events/records.generated.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import type { HeaderInspector, InspectedSource } from "../../src/picture/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import type { Semaphore } from "../../src/system/semaphore.ts"
import type { Arrived, Step, Stepped, Work } from "../flow/element-in-flight.ts"
import type { InspectorPorts } from "../ports.ts"
import { asSourceFailure } from "../render/fetch-source.ts"
import { etagOf, find, sourceOf, versionWarnings } from "../render/find-source.ts"

const STAGES = { head: "head-source", inspect: "inspect-source" } as const

/** Stages of an ElementFailed that is about the header alone: the frame's own state is the renderer's to tell. */
export const INSPECTION_STAGES: ReadonlySet<string> = new Set(Object.values(STAGES))

/** A header that goes on beyond these bytes is one of the few that may take megabytes of memory. */
const LARGE_BYTES = 256 * 1024

export type InspectorLanes = { readonly headers: Semaphore; readonly largeHeaders: Semaphore }

export type Headed = Arrived & { readonly source: Source }

/** Which version there is. From here to its end an inspection holds one of the places for headers. */
export const headSource = (lanes: InspectorLanes): Step<Arrived, Headed, InspectorPorts> => ({
  name: STAGES.head,
  says: "HEAD: which version there is",
  appends: null,
  closing: false,
  run: (ports) => async (state, work) => {
    const place = await placeIn(lanes.headers, work)
    if (!place.ok) return place
    const lookedAtMs = ports.store.nowMs()
    const found = await find(ports, state.element)
    if (!found.ok) {
      // A further try takes a place anew: one kept over an outage would be taken twice, until none is left.
      place.value()
      return found
    }
    work.hold(place.value)
    const { key } = found.value.ref
    // A key that only its alternative spelling found is the key from here on: rows name the object that exists.
    const element = key === state.element.key ? state.element : { ...state.element, key, keyAlternative: null }
    const logicalTimeMs = latestOf(state.logicalTimeMs, lookedAtMs)
    return done({ state: { ...state, element, source: sourceOf(element, found.value), logicalTimeMs }, fact: null })
  },
})

/** Ranged GETs with If-Match: header, mtime and rows speak of the one version that HEAD saw. No child process. */
export const inspectSource = (lanes: InspectorLanes): Step<Headed, Headed, InspectorPorts> => ({
  name: STAGES.inspect,
  says: "GET of the first 64 KiB with If-Match; more only where the header goes on",
  appends: "source-inspected",
  closing: true,
  run: (ports) => async (state, work) => {
    const read = await readHeader(ports, state, { work, large: lanes.largeHeaders })
    return read.ok ? done(stepped(ports, state, read.value)) : read
  },
})

/** The function that gives the place back. */
async function placeIn(lane: Semaphore, { signal }: Work): Promise<Result<() => void>> {
  const leave = await lane.acquire(signal)
  return leave === null ? failed(failure("stopped", "The inspection was interrupted.")) : done(leave)
}

type Reading = ReturnType<HeaderInspector["inspect"]>

async function readHeader(
  { store, headers }: InspectorPorts,
  { element: { bucket, key }, source }: Headed,
  { work, large }: { readonly work: Work; readonly large: Semaphore },
): Reading {
  const ref: ObjectRef = { bucket, key }
  let leaveLarge: (() => void) | null = null
  const readSpan: InspectedSource["readSpan"] = async ({ offset, lengthBytes }) => {
    if (leaveLarge === null && lengthBytes > LARGE_BYTES) {
      const place = await placeIn(large, work)
      if (!place.ok) return place
      leaveLarge = place.value
    }
    const range = { start: offset, end: offset + lengthBytes, ifMatch: etagOf(source), signal: work.signal }
    const bytes = await store.readRange(ref, range)
    if (bytes.ok || bytes.failure.code !== "store/range-not-satisfiable") return bytes
    return failed(failure("source/changed", `s3://${bucket}/${key} became shorter while it was read.`))
  }
  const read = await headers.inspect({ key, sizeBytes: source.sizeBytes, readSpan })
  keepUntilTheEnd(leaveLarge, read.ok, work)
  return read.ok ? read : failed(asSourceFailure(read.failure, ref))
}

/** What was read is held until the element's way ends; a try that failed gives its place back at once. */
function keepUntilTheEnd(leave: (() => void) | null, isRead: boolean, { hold }: Work): void {
  if (leave === null) return
  if (isRead) hold(leave)
  else leave()
}

type Read = Extract<Awaited<Reading>, { readonly ok: true }>["value"]

function stepped({ store, policy }: InspectorPorts, state: Headed, { header, bytesRead }: Read): Stepped<Headed> {
  const { element, source, causationId } = state
  const factId = factIdOf("source-inspected", element.elementId, source.sourceVersion)
  const nowMs = store.nowMs()
  const value: SourceInspected = {
    factId,
    causationId,
    recordedAtMs: nowMs,
    element,
    source,
    ...header,
    warnings: [...header.warnings, ...versionWarnings(source)],
    bytesRead,
    inspectedAtUs: latestOf(nowMs, state.logicalTimeMs) * 1000,
    generatorVersion: policy.generatorVersion,
  }
  return { state: { ...state, causationId: factId }, fact: { topic: "source-inspected", value } }
}
