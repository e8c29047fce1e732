import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { besideSources, type OutputsFor } from "../../src/element/output-places.ts"
import type { OutputProfile } from "../../src/element/profiles.ts"
import type { FactOf, RecordByTopic } from "../../src/events/fact.ts"
import type { Element } from "../../src/events/records.generated.ts"
import type { Failure } from "../../src/events/result.ts"
import { element as anElement, EPOCH_MS } from "../../src/events/testing/facts.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import { createdFact } from "../../src/ingest/listing/listing.ts"
import { openMemoryKnownOutputs } from "../../src/known-outputs/memory.ts"
import type { EventLog } from "../../src/log/index.ts"
import { openMemoryLog } from "../../src/log/memory.ts"
import type { Outcome } from "../../src/notify/index.ts"
import { SETTINGS } from "../../src/picture/engines/testing/readings.ts"
import type { MovieMaker, RenderSettings } from "../../src/picture/index.ts"
import { openHeaderInspector } from "../../src/picture/inspect/inspector.ts"
import { openMetadataWriter } from "../../src/picture/metadata-file/write.ts"
import { DEFAULT_LIMITS } from "../../src/picture/read/header/limits.ts"
import { openScratch } from "../../src/picture/scratch.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import { type MemoryStore, openMemoryStore } from "../../src/store/memory.ts"
import type { Clock } from "../../src/system/clock.ts"
import type { Table } from "../../src/table/index.ts"
import type { ProxyOutputRow } from "../../src/table/rows.ts"
import { runGroup } from "../../topology/flow/run-group.ts"
import { BACKFILL, INSPECTOR, METADATA_PROJECTOR, PROJECTOR, REMOVALS, RENDERER } from "../../topology/graph.ts"
import type {
  InspectorPorts,
  Observation,
  Policy,
  ProjectorPorts,
  RendererPorts,
  Stopping,
} from "../../topology/ports.ts"
import { runProjector } from "../../topology/project/projector.ts"
import type { AssemblerPorts } from "../../topology/sequence/assemble.ts"
import type { RegroupPorts } from "../../topology/sequence/regroup.ts"
import type { ReviewerPorts } from "../../topology/sequence/review.ts"
import { factsOf } from "./facts.ts"
import { fakeMovies } from "./fake-movies.ts"
import { type FakePicture, fakePicture } from "./fake-picture.ts"
import { fakeReviews } from "./fake-reviews.ts"
import { type Activity, activity, collectingNotifications, putText, watchedScratch } from "./ports.ts"
import { openTestTable } from "./table.ts"
import { type VirtualClock, virtualClock } from "./virtual-clock.ts"

export const POLICY: Policy = {
  credits: 32,
  lookAhead: 1000,
  rendersInFlight: 2,
  sourcesHeld: 4,
  inspectionsInFlight: 4,
  mostAttempts: 4,
  backoffMs: 1000,
  mostBackoffMs: 30_000,
  mostSourceBytes: 1_000_000,
  batchRows: 100,
  batchMs: 0,
  generatorVersion: "3.0.0",
}

export type Wrap = {
  readonly store?: (store: ObjectStore) => ObjectStore
  readonly log?: (log: EventLog) => EventLog
  readonly table?: (table: Table) => Table
  /** The clock of the machine that works; store, log and arrivals keep true time. */
  readonly clock?: (clock: Clock) => Clock
  readonly policy?: Partial<Policy>
  /** Also takes what comes by the backfill's topic, with this policy. */
  readonly backfill?: Partial<Policy>
  /** Also inspects headers: sources are real pictures then, not text. */
  readonly inspector?: true
  /** Groups that run beside those of the renderer. */
  readonly besides?: readonly Beside[]
  /** Where outputs go; beside their sources without it. */
  readonly outputsFor?: OutputsFor
  readonly furtherOutputs?: readonly OutputProfile[]
  /** Settings of pictures; asked for each, so a test may change its answer. */
  readonly settings?: () => Partial<RenderSettings>
  readonly movies?: (movies: MovieMaker) => MovieMaker
} & Partial<Pick<RunningPorts, "soundFor" | "soundsByRule">>

export type Beside = (ports: RunningPorts, stopping: Stopping) => Promise<Failure | null>

/** The whole topology on a memory log, a memory store and virtual time: no broker, no clock on the wall, no pictures. */
export type Driver = {
  readonly picture: FakePicture
  readonly told: readonly Outcome[]
  readonly observed: readonly Observation[]
  readonly log: EventLog
  readonly store: MemoryStore
  readonly table: Table
  /** Puts a source of this text and says nothing of it. */
  readonly puts: (key: string, text: string | Uint8Array) => Promise<void>
  /** Announces an arrival and lets the topology work until it is quiet. */
  readonly arrives: (element: Partial<Element> & { readonly key: string }, topic?: ArrivalTopic) => Promise<void>
  /** Lets virtual time pass, waking whoever sleeps, until all is quiet at the later time. */
  readonly passes: (ms: number) => Promise<void>
  readonly facts: <T extends keyof RecordByTopic>(topic: T) => Promise<readonly RecordByTopic[T][]>
  readonly rows: () => Promise<readonly ProxyOutputRow[]>
  /** Records of the renderer's and the projector's topics not yet acknowledged. */
  readonly lag: (group: string) => Promise<number>
  readonly starts: () => void
  /** Takes in nothing more and lets work finish. */
  readonly drains: () => Promise<readonly (Failure | null)[]>
  /** The process dies: nothing under way is finished or acknowledged. */
  readonly dies: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function drive(wrap: Wrap = {}): Promise<Driver> {
  const folder = await mkdtemp(join(tmpdir(), "driver-"))
  const clock = virtualClock(EPOCH_MS)
  const acts = activity()
  const picture = fakePicture(clock)
  const log = openMemoryLog({ clock })
  const store = openMemoryStore({ clock })
  const table = await openTestTable(folder, clock)
  const { notifications, told } = collectingNotifications()
  const observed: Observation[] = []
  const watchedStore = acts.watch((wrap.store ?? same)(store), [
    "head",
    "tags",
    "fetch",
    "readInPlace",
    "put",
    "readRange",
  ])
  const watchedLog = acts.watch((wrap.log ?? same)(log), ["append"])
  const ports: RunningPorts = {
    log: watchedLog,
    store: watchedStore,
    picture: acts.watch(picture, ["read"]),
    headers: openHeaderInspector(DEFAULT_LIMITS),
    metadata: acts.watch(openMetadataWriter(DEFAULT_LIMITS), ["write"]),
    scratch: watchedScratch(await openScratch({ root: join(folder, "scratch") }), acts),
    clock: (wrap.clock ?? same)(clock),
    random: () => 0.5,
    settingsFor: () => ({
      ...SETTINGS,
      ...wrap.settings?.(),
      ...(wrap.furtherOutputs && { furtherOutputs: wrap.furtherOutputs }),
    }),
    outputsFor: wrap.outputsFor ?? besideSources,
    ...{ sequenceRuleFor: () => "usual", posterFor: () => "middle" },
    ...{ soundFor: wrap.soundFor ?? (() => undefined), soundsByRule: wrap.soundsByRule ?? new Set() },
    movies: acts.watch((wrap.movies ?? same)(fakeMovies), ["stitch", "illustrate", "write"]),
    reviews: acts.watch(fakeReviews, ["make"]),
    reviewFor: () => null,
    knownOutputs: openMemoryKnownOutputs(),
    policy: { ...POLICY, ...wrap.policy },
    observe: (observation) => observed.push(observation),
    table: acts.watch((wrap.table ?? same)(table), ["merge"]),
    notifications: acts.watch(notifications, ["tell"]),
  }
  const backfill = wrap.backfill === undefined ? null : { ...ports, policy: { ...ports.policy, ...wrap.backfill } }
  const others = { backfill, inspects: wrap.inspector === true, besides: wrap.besides ?? [] }
  let running = startRunning(ports, others)
  const facts = <T extends keyof RecordByTopic>(topic: T): Promise<readonly RecordByTopic[T][]> => factsOf(log, topic)
  return {
    picture,
    told,
    observed,
    log,
    store,
    table,
    facts,
    puts: (key, text) => putText(store, folder, { key, text }),
    async arrives(given, topic) {
      await log.append([
        createdOf(
          anElement({ elementId: `element of ${given.key} at ${clock.nowMs()}`, arrivedAtMs: clock.nowMs(), ...given }),
          topic,
        ),
      ])
      await quietly(acts, clock)
    },
    async passes(ms) {
      const untilMs = clock.nowMs() + ms
      await quietly(acts, clock)
      while (clock.wakeNext(untilMs)) await quietly(acts, clock)
      clock.moveTo(untilMs)
    },
    rows: async () => {
      const rows: ProxyOutputRow[] = []
      for await (const row of table.proxyOutputs()) rows.push(unwrap(row))
      return rows
    },
    lag: async (group) => unwrap(await log.lag(group)).reduce((sum, { lag }) => sum + lag, 0),
    starts: () => {
      running = startRunning(ports, others)
    },
    drains: async () => {
      running.stop.abort()
      return Promise.all(running.ended)
    },
    dies: async () => {
      running.abort.abort()
      running.stop.abort()
      await Promise.all(running.ended)
    },
    async close() {
      running.abort.abort()
      running.stop.abort()
      await Promise.all(running.ended)
      await Promise.all([log.close(), store.close(), table.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const same = <T>(value: T): T => value

type RunningPorts = RendererPorts & InspectorPorts & ProjectorPorts & RegroupPorts & AssemblerPorts & ReviewerPorts

type Others = {
  readonly backfill: RunningPorts | null
  readonly inspects: boolean
  readonly besides: readonly Beside[]
}

function startRunning(ports: RunningPorts, { backfill, inspects, besides }: Others) {
  const stop = new AbortController()
  const abort = new AbortController()
  const stopping = { stop: stop.signal, abort: abort.signal }
  const ended = [
    runGroup(RENDERER, ports, stopping),
    runGroup(REMOVALS, ports, stopping),
    runProjector(PROJECTOR, ports, stopping),
    ...(backfill === null ? [] : [runGroup(BACKFILL, backfill, stopping)]),
    ...besides.map((beside) => beside(ports, stopping)),
    ...(inspects ? [runGroup(INSPECTOR, ports, stopping), runProjector(METADATA_PROJECTOR, ports, stopping)] : []),
  ]
  return { stop, abort, ended }
}

/** Nothing is under way, and nobody sleeps whose time has come. */
async function quietly(acts: Activity, clock: VirtualClock): Promise<void> {
  do await acts.quiet()
  while (clock.wakeNext(clock.nowMs()))
}

type ArrivalTopic = "element-created" | "element-created-backfill"

const createdOf = (element: Element, topic: ArrivalTopic = "element-created"): FactOf<ArrivalTopic> => ({
  topic,
  value: createdFact(element, { causationId: element.triggerId, logicalTimeMs: null }).value,
})
