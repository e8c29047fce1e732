import { type LooksBeside, withLookBeside } from "../../element/looks-beside.ts"
import { isBelowOutputs, type OutputsFor } from "../../element/output-places.ts"
import { storedOutputsOf } from "../../element/profiles.ts"
import { type Endings, isSource, isUnsupported } from "../../element/source.ts"
import type { FactOf } from "../../events/fact.ts"
import { wantedRenderKey } from "../../events/identity.ts"
import { done, type Result } from "../../events/result.ts"
import { appendApart } from "../../log/dead-letter.ts"
import type { EventLog } from "../../log/index.ts"
import type { PictureEngine, RenderSettings } from "../../picture/index.ts"
import type { ObjectEntry, ObjectRef, ObjectStore, SkippedLink } from "../../store/index.ts"
import type { Clock } from "../../system/clock.ts"
import { type Foreground, unpaced } from "../../system/foreground.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import { type HintsTold, isHint, openListedHints } from "./hints.ts"
import type { MissingRows } from "./in-order.ts"
import { allPresent, statedBy } from "./listed-object.ts"
import { type Decision, decide } from "./listing.ts"
import type { QueuedArrivals } from "./queued-arrivals.ts"
import { nothingYet, type ScanReport, type SkippedName, type Tally } from "./scan-report.ts"
import { inTurns, type Listed } from "./turns.ts"

export type ScanPorts = {
  readonly store: ObjectStore
  /** Looks up what is known of an object. */
  readonly element: Table["element"]
  /** Which rows that say `queued` are; absent: all of them. */
  readonly queued?: QueuedArrivals
  /** Takes arrivals in; null to decide only. */
  readonly append: EventLog["append"] | null
  readonly clock: Clock
  readonly picture: Pick<PictureEngine, "recipe" | "configHash">
  readonly settingsFor: (ref: ObjectRef) => RenderSettings
  readonly outputsFor: OutputsFor
  /** Look files that lie beside frames; absent: none is looked for. */
  readonly looksBeside?: LooksBeside
  /** Whether an output is there, where the listing itself tells; null: the store is asked. */
  readonly outputIsThere?: (ref: ObjectRef) => boolean | null
  /** Renders that go on meanwhile; absent where there are none. */
  readonly foreground?: Foreground
  /** The same as `element`, in no order: folders take turns while renders go on. Absent: they do not. */
  readonly elementInTurn?: Table["element"]
  readonly hintsTold?: HintsTold
  /** Hears of all that is listed; absent: what is missed is not asked for, since not all is. */
  readonly missing?: MissingRows
}

export type ScanOptions = {
  readonly bucket: string
  readonly prefix?: string
  /** Endings of pictures that are sources; absent: the contract's. */
  readonly endings?: Endings
  /** Only objects modified at or after this time, epoch milliseconds. */
  readonly sinceMs?: number
  /** Keys that this listing is about; of all others it says nothing, not even that they are gone. Absent: all keys. */
  readonly selection?: (key: string) => boolean
  /** Whether the object is asked for at all; all of them without it. */
  readonly isWanted?: (entry: ObjectEntry) => boolean
  /** Leave this object for a later scan: it may still be written. */
  readonly isStable?: (entry: ObjectEntry) => boolean
  readonly signal?: AbortSignal
  /** Arrivals of which other scans of this process have told, whose rows may not be there yet. */
  readonly told?: ToldArrivals
  /** Told of each object; the scan waits for it. */
  readonly onDecision?: (entry: ObjectEntry, decision: Decision) => void | Promise<void>
}

/** Arrivals by their elements' ids. */
export type ToldArrivals = { readonly has: (elementId: string) => boolean; readonly note: (elementId: string) => void }

/** Facts appended at once: one transaction, one send. The first ones go by themselves, since the renders wait for them. */
const [BATCH, FIRST_BATCH] = [200, 8]

/**
 * Frames that are looked at in one go while others are rendered, and when the next ones are: each render brings eight more, so
 * that none ever waits for the listing.
 */
const [PACED, PACING] = [32, { everyMs: 500, everyEnded: 4 }]

/**
 * Lists the bucket and appends an ElementCreated for every object that wants one ({@link decide}), reports what is known and
 * was not listed, and tells of hints. Fails when log, store or table does; what cannot be listed is reported and left out.
 */
export async function scan(ports: ScanPorts, options: ScanOptions): Promise<Result<ScanReport>> {
  const tally = nothingYet()
  let batch: FactOf<"element-created">[] = []
  const hints = openListedHints(options.bucket, ports.missing === undefined ? undefined : (options.prefix ?? ""))
  const flush = (): Promise<Result<void>> => {
    const full = batch
    batch = []
    return append(ports, full, tally)
  }
  const pace = ports.foreground?.pace(PACING) ?? unpaced
  for await (const { listed, place } of listingOf(ports, options, tally.skipped)) {
    if (options.signal?.aborted) break
    const followed = place === "ahead" ? undefined : await ports.missing?.follow(listed)
    if (followed?.ok === false) return followed
    if (!listed.ok) {
      tally.unlisted.push(listed.failure)
      continue
    }
    if (place === "again") continue
    if (isHint(listed.value, ports.outputsFor)) {
      hints.note(listed.value, options.isStable?.(listed.value) === false)
      continue
    }
    if (isFrame(ports, listed.value, options)) hints.noteFrame(listed.value)
    if (!wanted(ports, listed.value, options)) {
      if (isUnsupported(listed.value.key, options.endings)) tally.unsupported += 1
      else if (isFrame(ports, listed.value, options) && !isSelected(listed.value, options)) tally.leftOut += 1
      continue
    }
    if (tally.found % PACED === 0) {
      // Nothing that was found is kept from the renders for as long as this waits for them.
      const flushed = ports.foreground === undefined ? done(undefined) : await flush()
      if (!flushed.ok) return flushed
      await pace(options.signal)
    }
    const element = place === "ahead" ? (ports.elementInTurn ?? ports.element) : ports.element
    const decision = await decideListed({ ...ports, element }, options, { entry: listed.value, tally })
    if (!decision.ok) return decision
    if (decision.value !== null) batch.push(decision.value)
    if (batch.length < (tally.arrived <= FIRST_BATCH ? FIRST_BATCH : BATCH)) continue
    const flushed = await flush()
    if (!flushed.ok) return flushed
  }
  const flushed = await flush()
  if (!flushed.ok) return flushed
  // Of what a listing that was broken off did not come to, nothing is known.
  const hinted = options.signal?.aborted ? done(undefined) : await hints.append(ports)
  if (!hinted.ok) return hinted
  const ended = options.signal?.aborted ? undefined : await ports.missing?.follow(null)
  if (ended?.ok === false) return ended
  return done({ ...tally, removed: ports.missing?.reported() ?? 0 })
}

/** Links that a report names. */
const MOST_SKIPPED = 1000

async function* listingOf(ports: ScanPorts, options: ScanOptions, skipped: SkippedName[]): AsyncGenerator<Listed> {
  const { store, foreground, elementInTurn } = ports
  const { bucket, prefix, signal } = options
  const onSkipped = (key: string, leadsTo: SkippedLink): void => {
    const isAskedAbout =
      leadsTo === "folder" || (isFrame(ports, { bucket, key }, options) && isSelected({ bucket, key }, options))
    if (isAskedAbout && skipped.length < MOST_SKIPPED) skipped.push({ key, leadsTo })
  }
  // What lies below a prefix is one folder that somebody asks for: its turn is now.
  if (foreground !== undefined && elementInTurn !== undefined && prefix === undefined)
    return yield* inTurns(
      { store, foreground, isFrame: (ref) => isFrame(ports, ref, options) },
      { bucket, signal, onSkipped },
    )
  for await (const listed of store.list(bucket, { onSkipped, ...(prefix === undefined ? {} : { prefix }) }))
    yield { listed, place: "in order" }
}

const isFrame = ({ outputsFor }: ScanPorts, ref: ObjectRef, { endings }: ScanOptions): boolean =>
  isSource(ref.key, endings) && !isBelowOutputs(outputsFor, ref)

const isSelected = ({ key }: ObjectRef, { selection }: ScanOptions): boolean => selection?.(key) !== false

const wanted = (ports: ScanPorts, entry: ObjectEntry, options: ScanOptions): boolean =>
  isFrame(ports, entry, options) &&
  isSelected(entry, options) &&
  options.isWanted?.(entry) !== false &&
  entry.lastModifiedMs >= (options.sinceMs ?? Number.NEGATIVE_INFINITY)

/** An object of which the log cannot write the arrival counts as one that could not be listed, and was not found. */
function append(ports: ScanPorts, batch: readonly FactOf<"element-created">[], tally: Tally): Promise<Result<void>> {
  if (ports.append === null) return Promise.resolve(done(undefined))
  const told = (created: FactOf<"element-created">) => [created]
  return appendApart(ports.append, batch, told, (_, failure) => {
    tally.arrived -= 1
    tally.found -= 1
    tally.unlisted.push(failure)
    return []
  })
}

async function decideListed(
  ports: ScanPorts,
  options: ScanOptions,
  { entry, tally }: { entry: ObjectEntry; tally: Tally },
): Promise<Result<FactOf<"element-created"> | null>> {
  tally.found += 1
  if (options.isStable?.(entry) === false) {
    tally.unsettled += 1
    return done(null)
  }
  const decided = await decideWith(ports, entry)
  if (!decided.ok) return decided
  const decision = toldAlready(decided.value, options.told) ? ({ kind: "already-queued" } as const) : decided.value
  // Before anything is waited for: another listing may come to the same object meanwhile.
  if (decision.kind === "arrived") options.told?.note(decision.created.value.element.elementId)
  await options.onDecision?.(entry, decision)
  if (decision.kind === "current") tally.current += 1
  if (decision.kind === "already-queued") tally.alreadyQueued += 1
  if (decision.kind === "dismissed") tally.dismissed += 1
  if (decision.kind === "failed-for-good") tally.failedForGood.push(decision.row)
  if (decision.kind !== "arrived") return done(null)
  tally.arrived += 1
  return done(decision.created)
}

const toldAlready = (decision: Decision, told: ToldArrivals | undefined): boolean =>
  decision.kind === "arrived" && told?.has(decision.created.value.element.elementId) === true

async function decideWith(ports: ScanPorts, entry: ObjectEntry): Promise<Result<Decision>> {
  const row = await ports.element(entry.bucket, entry.key)
  if (!row.ok) return row
  const asked = ports.settingsFor(entry)
  const outputsPresent = await allPresent(ports, row.value, storedOutputsOf(asked))
  if (!outputsPresent.ok) return outputsPresent
  const looked = await withLookBeside(asked, entry, ports.looksBeside)
  if (!looked.ok) return looked
  const settings = looked.value
  const isLost = await lost(ports, row.value)
  if (!isLost.ok) return isLost
  const known = { row: row.value, isLost: isLost.value, outputsPresent: outputsPresent.value }
  const plain = wantedRenderKey(entry, { settings, statedSpace: null }, ports.picture)
  const first = decide(entry, { ...known, wantedRenderKey: plain }, ports.clock.nowMs())
  if (first.kind !== "arrived" || row.value === null) return done(first)
  // Only now is it worth two requests to learn whether the object itself states a colour space, which its renderKey holds.
  const statedSpace = await statedBy(ports.store, entry)
  if (!statedSpace.ok) return statedSpace
  const exact = wantedRenderKey(entry, { settings, statedSpace: statedSpace.value }, ports.picture)
  return done(decide(entry, { ...known, wantedRenderKey: exact }, ports.clock.nowMs()))
}

async function lost({ queued }: ScanPorts, row: ElementRow | null): Promise<Result<boolean>> {
  if (row?.state !== "queued" || queued === undefined) return done(false)
  const held = await queued.holds(row)
  return held.ok ? done(!held.value) : held
}
