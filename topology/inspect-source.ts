import { failure } from "../src/events/failure.ts"
import { factIdOf } from "../src/events/identity.ts"
import type { Source, SourceInspected } from "../src/events/records.generated.ts"
import { done, failed, type Result } from "../src/events/result.ts"
import type { HeaderInspector, InspectedSource } from "../src/picture/index.ts"
import type { ObjectRef } from "../src/store/index.ts"
import { asSourceFailure } from "./fetch-source.ts"
import { find, sourceOf } from "./find-source.ts"
import type { Lane } from "./lane.ts"
import type { Arrived, Step, Work } from "./passage.ts"
import type { InspectorPorts } from "./ports.ts"

/** Stage of an ElementFailed that is about the header alone: the frame's own state is the renderer's to tell. */
export const INSPECTION_STAGE = "inspect-source"

/** A header that goes on beyond these bytes is one of the few that may take megabytes of memory. */
const LARGE_BYTES = 256 * 1024

export type InspectorLanes = { readonly headers: Lane; readonly largeHeaders: Lane }

/** HEAD, then ranged GETs with If-Match: header, mtime and rows speak of one version. No child process. */
export const inspectSource = (lanes: InspectorLanes): Step<Arrived, Arrived, InspectorPorts> => ({
  name: INSPECTION_STAGE,
  says: "HEAD, and GET of the first 64 KiB with If-Match; more only where the header goes on",
  appends: "source-inspected",
  closing: true,
  run: (ports) => async (state, work) => {
    const places: (() => void)[] = []
    const inspected = await inspect(ports, state, { work, enter: entering(lanes, work, places) })
    for (const leave of places.reverse()) leave()
    if (!inspected.ok) return inspected
    const { element, source } = inspected.value
    return done({
      state: { ...state, element, source, causationId: inspected.value.factId },
      fact: { topic: "source-inspected", value: inspected.value },
    })
  },
})

/** Waits for a place; what it took is given back when the step is over. */
type Enter = (lane: keyof InspectorLanes) => Promise<Result<void>>

const entering =
  (lanes: InspectorLanes, { signal }: Work, places: (() => void)[]): Enter =>
  async (name) => {
    const leave = await lanes[name].enter(signal)
    if (leave === null) return failed(failure("stopped", "The inspection was interrupted."))
    places.push(leave)
    return done(undefined)
  }

type Doing = { readonly work: Work; readonly enter: Enter }

async function inspect(ports: InspectorPorts, state: Arrived, doing: Doing): Promise<Result<SourceInspected>> {
  const entered = await doing.enter("headers")
  if (!entered.ok) return entered
  const found = await find(ports, state.element)
  if (!found.ok) return found
  const { ref } = found.value
  const element =
    ref.key === state.element.key ? state.element : { ...state.element, key: ref.key, keyAlternative: null }
  const source = sourceOf(element, found.value)
  const header = await readHeaderOf(ports, { ref, source }, doing)
  if (!header.ok) return header
  const { header: inspected, bytesRead } = header.value
  const nowMs = ports.clock.nowMs()
  return done({
    factId: factIdOf("source-inspected", element.elementId, source.sourceVersion),
    causationId: state.causationId,
    recordedAtMs: nowMs,
    element,
    source,
    ...inspected,
    bytesRead,
    inspectedAtUs: nowMs * 1000,
    generatorVersion: ports.policy.generatorVersion,
  })
}

type Version = { readonly ref: ObjectRef; readonly source: Source }

async function readHeaderOf(
  { store, headers }: InspectorPorts,
  { ref, source }: Version,
  { work, enter }: Doing,
): ReturnType<HeaderInspector["inspect"]> {
  let isLarge = false
  const readSpan: InspectedSource["readSpan"] = async ({ offset, lengthBytes }) => {
    if (!isLarge && lengthBytes > LARGE_BYTES) {
      const entered = await enter("largeHeaders")
      if (!entered.ok) return entered
      isLarge = true
    }
    const ifMatch = source.etag === null ? {} : { ifMatch: source.etag }
    const range = { start: offset, end: offset + lengthBytes, ...ifMatch, signal: work.signal }
    const bytes = await store.readRange(ref, range)
    if (bytes.ok || bytes.failure.code !== "store/range-not-satisfiable") return bytes
    return failed(failure("source/changed", `s3://${ref.bucket}/${ref.key} became shorter while it was read.`))
  }
  const read = await headers.inspect({ key: ref.key, sizeBytes: source.sizeBytes, readSpan })
  return read.ok ? read : failed(asSourceFailure(read.failure, ref))
}
