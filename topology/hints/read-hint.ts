// What somebody says of sequences, read where it lies and told to each sequence under its own key.

import { isFarm } from "../../src/element/farms.ts"
import { folderOf } from "../../src/element/key.ts"
import { type Fact, keyOf } from "../../src/events/fact.ts"
import { type DraftOf, sequenceIdOf } from "../../src/events/identity.ts"
import type { Element, HintReported } from "../../src/events/records.generated.ts"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import {
  BESIDE,
  hintKindOf,
  isAbout,
  readyFileOf,
  readyKeysOf,
  SOUND,
  TAKEN_BACK,
} from "../../src/sequence/stated/index.ts"
import type { Step } from "../flow/step.ts"
import { GROUPS } from "../groups.ts"
import { hasOtherSound, soundedBelow, soundKeysOf } from "../sequence/movie-sound.ts"
import { readHashLists, readOtioFile, readReadyFile, type Said } from "./statement-files.ts"
import { type HintPorts, type SequenceName, sequenceOf, sequencesBelow, type Where } from "./store-looks.ts"
import { openToldBy, type ToldBy } from "./told-by.ts"

/** A hint that was reported. */
export type Hint = Pick<HintReported, "by" | "factId" | "gone"> &
  Pick<Element, "bucket" | "key"> & { readonly saidAtMs: number }

function hintOf(fact: Fact): Hint | null {
  if (fact.topic !== "hint-reported") return null
  const { element, by, factId, gone } = fact.value
  const { bucket, key, arrivedAtMs } = element
  return { bucket, key, by, saidAtMs: arrivedAtMs, factId, gone }
}

export const readHint: Step<Hint, Hint, Ports> = {
  name: GROUPS.hints.name,
  says: "reads what lies beside frames (.ready, OpenTimelineIO, hash lists, sound), finds the sequences that it is about, and tells each; what is gone is taken back",
  appends: ["sequence-stated"],
  isClosing: true,
  run: async (hint, ports, { signal }) => {
    const said = await (hint.by === BESIDE ? saidBeside(hint, ports) : saidBy(hint, ports, signal))
    if (!said.ok) return isForGood(said.failure) ? refused(hint, said.failure, ports) : said
    for (const { object, says } of said.value.remarks)
      ports.observe({ kind: "remark", bucket: hint.bucket, key: object, says })
    return done({ state: hint, facts: said.value.sequences.map((one) => statedFact(hint, one)) })
  },
}

/** What is not there, or not ours to read, will not be by waiting. */
const isForGood = ({ kind }: Failure): boolean => kind === "permanent"

function refused(hint: Hint, { says }: Failure, { observe }: HintPorts) {
  observe({ kind: "remark", bucket: hint.bucket, key: hint.key, says: `Nothing is known of what it states: ${says}` })
  return done({ state: hint, facts: [] })
}

type Ports = HintPorts & HintMemory

/** What a run of the group keeps. */
export type HintMemory = { readonly toldBy: ToldBy }

type Surroundings = { readonly ports: HintPorts; readonly signal: AbortSignal }

async function saidBy(hint: Hint, ports: Ports, signal: AbortSignal): Promise<Result<Said>> {
  const { bucket, key, by, gone } = hint
  const kind = isFarm(by) ? null : hintKindOf(key)
  if (kind === null) return toldTo({ bucket, prefix: key, isDeep: true }, ports, signal)
  if (kind === SOUND) return saidOfSound(hint, { ports, signal })
  const said = await (kind === "otio"
    ? readOtioFile({ bucket, key }, ports)
    : kind === "mhl"
      ? readHashLists({ bucket, key }, ports)
      : saidByReady(hint, { ports, signal }))
  if (!said.ok && said.failure.code === "store/missing") return takenBack(hint, ports)
  if (said.ok && kind === "otio") return withoutDropped(said.value, hint, ports)
  // An older generation is there, and may say less.
  return said.ok && gone && kind === "mhl" ? withTakenBack(said.value, hint, ports) : said
}

async function saidByReady({ bucket, key }: Hint, { ports, signal }: Surroundings): Promise<Result<Said>> {
  const file = readyFileOf(key) ?? { folder: folderOf(key), name: null }
  const ready = await readReadyFile({ bucket, key }, ports)
  if (!ready.ok) return ready
  const { frames, remarks } = ready.value
  if (frames === undefined) return done({ sequences: [], remarks })
  const found = await toldTo({ bucket, prefix: file.folder, isDeep: false }, ports, signal)
  if (!found.ok) return found
  const about = found.value.sequences.filter((sequence) => isAbout(file, sequence))
  return done({ ...found.value, sequences: about.map((name) => ({ ...name, frames, object: key })) })
}

/** Of an object that is gone, to all sequences that it was about. */
async function takenBack(hint: Hint, ports: Ports): Promise<Result<Said>> {
  const sequences = await backFrom(hint, [], ports)
  if (!sequences.ok) return sequences
  const unread = { object: hint.key, says: "Nothing is known of what it states: it is gone." }
  return done({ sequences: sequences.value, remarks: hint.gone ? [] : [unread] })
}

/** From all sequences that were told of it, but for those of which it says something now. */
async function backFrom(
  { bucket, key }: Hint,
  stated: Said["sequences"],
  { toldBy }: Ports,
): Promise<Result<Said["sequences"]>> {
  const told = await toldBy({ bucket, key })
  if (!told.ok) return told
  const isStated = (one: SequenceName): boolean =>
    stated.some(({ folder, head, tail }) => folder === one.folder && head === one.head && tail === one.tail)
  const gone = told.value.filter((one) => !isStated(one))
  return done(gone.map((name) => ({ ...name, frames: TAKEN_BACK, object: key })))
}

/** A timeline that was changed may have lost sequences of which it said something before. */
async function withoutDropped(said: Said, hint: Hint, ports: Ports): Promise<Result<Said>> {
  if (said.isUnread) return done(said)
  const back = await backFrom(hint, said.sequences, ports)
  return back.ok ? done({ ...said, sequences: [...said.sequences, ...back.value] }) : back
}

async function withTakenBack(said: Said, hint: Hint, ports: Ports): Promise<Result<Said>> {
  const { bucket, key } = hint
  const head = await ports.store.head({ bucket, key })
  if (head.ok) return done(said)
  if (head.failure.code !== "store/missing") return head
  const back = await takenBack(hint, ports)
  if (!back.ok) return back
  return done({
    sequences: [...said.sequences, ...back.value.sequences],
    remarks: [...said.remarks, ...back.value.remarks],
  })
}

/** Those whose movie has another sound than there is now. */
async function saidOfSound({ bucket, key }: Hint, { ports, signal }: Surroundings): Promise<Result<Said>> {
  const found = await sequencesBelow({ bucket, prefix: soundedBelow(key, ports), isDeep: false }, ports, signal)
  if (!found.ok) return found
  const sequences: Said["sequences"][number][] = []
  for (const name of found.value.sequences) {
    const sequence = { ...name, bucket, sequenceId: sequenceIdOf({ ...name, bucket }) }
    if (!soundKeysOf(sequence, ports).includes(key)) continue
    const isOther = await hasOtherSound(sequence, ports)
    if (!isOther.ok) return isOther
    // Frames are none of its business.
    if (isOther.value) sequences.push({ ...name, frames: TAKEN_BACK, object: key })
  }
  return done({ sequences, remarks: [] })
}

/** That they are complete, to all sequences that are there. */
async function toldTo(where: Where, ports: HintPorts, signal: AbortSignal): Promise<Result<Said>> {
  const found = await sequencesBelow(where, ports, signal)
  if (!found.ok) return found
  const { sequences, isCut } = found.value
  const says = `It is about more sequences than are told of it: ${sequences.length}.`
  return done({
    sequences: sequences.map((name) => ({ ...name, frames: null, object: null })),
    remarks: isCut ? [{ object: where.prefix, says }] : [],
  })
}

/** Frames that were stated before the first of them came. That it was complete then was not said of this one. */
async function saidBeside({ bucket, key: frame }: Hint, ports: HintPorts): Promise<Result<Said>> {
  const sequence = sequenceOf({ bucket, key: frame }, ports)
  if (sequence === null) return done({ sequences: [], remarks: [] })
  for (const key of readyKeysOf(sequence)) {
    const ready = await readReadyFile({ bucket, key }, ports)
    if (!ready.ok && !isForGood(ready.failure)) return ready
    if (!ready.ok || ready.value.frames === null) continue
    const { frames, remarks } = ready.value
    return done({ sequences: frames === undefined ? [] : [{ ...sequence, frames, object: key }], remarks })
  }
  return done({ sequences: [], remarks: [] })
}

function statedFact(
  { bucket, by, saidAtMs, factId }: Hint,
  { folder, head, tail, frames, object }: Said["sequences"][number],
): DraftOf<"sequence-stated"> {
  const sequenceId = sequenceIdOf({ bucket, folder, head, tail })
  const sequence = { sequenceId, bucket, folder, head, tail }
  // One hint may take back what one object said, and say what another one does.
  const about = [factId, sequenceId, ...(frames === TAKEN_BACK && object !== null ? [object] : [])]
  const value = { sequence, by: by === BESIDE ? "ready" : by, frames, saidAtMs, object }
  return { topic: "sequence-stated", about, recordedAtMs: saidAtMs, value }
}

/** What the flow has to know of hints, whatever is done with them. */
export const HINTS_READ = {
  keyOf,
  begin: hintOf,
  remember: ({ log }: HintPorts): HintMemory => ({ toldBy: openToldBy(log) }),
  subjectOf: ({ bucket, key }: Hint) => ({ bucket, key }),
  // A hint makes waiting needless, and nothing depends on it: what cannot be read is told to whoever watches.
  failed: () => null,
  withLess: (hint: Hint): Hint => hint,
  closingStep: readHint.name,
} as const
