// Sequences of which frames lie in the folder that no run has taken in.

import { frameNameOf, type SequenceRule } from "../../element/frame-name.ts"
import { isBelowOutputs } from "../../element/output-places.ts"
import { type Endings, isSource } from "../../element/source.ts"
import { done, type Result } from "../../events/result.ts"
import type { ObjectRef, ObjectStore } from "../../store/index.ts"
import type { Table } from "../../table/index.ts"
import type { ScanPorts } from "./scan.ts"

/** What names a sequence in a bucket. */
export type SequenceNames = { readonly folder: string; readonly head: string; readonly tail: string }

export type HeldSequence = SequenceNames & { readonly leftOut: number }

/**
 * A run that is about some keys only leaves frames out of sequences. Their movies and reports wait, since they would call
 * missing what lies there: no sequence is settled of which the folder holds a frame that nobody knows of.
 */
export type HeldSequences = {
  /** All of them before the first look. */
  readonly isHeld: (sequence: SequenceNames) => boolean
  /** Looks at the names of all frames that the run is not about. Fails when the table does. */
  readonly look: (stop: AbortSignal) => Promise<Result<void>>
  /** Those that are held and of which the run is about other frames. */
  readonly held: () => readonly HeldSequence[]
}

type HeldPorts = Pick<ScanPorts, "outputsFor"> & {
  readonly store: Pick<ObjectStore, "listKeys">
  readonly table: Pick<Table, "element">
  readonly sequenceRuleFor: (ref: ObjectRef) => SequenceRule
}

type HeldOptions = {
  readonly bucket: string
  readonly endings: Endings
  readonly selection: (key: string) => boolean
}

const nameOf = ({ folder, head, tail }: SequenceNames): string => JSON.stringify([folder, head, tail])

/** What one look found: sequences with frames that nobody knows of, and those that the run is about. */
type Found = { readonly unknown: Map<string, HeldSequence>; readonly asked: Set<string> }

export function openHeldSequences(ports: HeldPorts, options: HeldOptions): HeldSequences {
  let latest: Found | null = null
  return {
    isHeld: (sequence) => latest === null || latest.unknown.has(nameOf(sequence)),
    look: async (stop) => {
      const found = await lookAtNames(ports, options, stop)
      if (found.ok) latest = found.value
      return found.ok ? done(undefined) : found
    },
    held: () => [...(latest?.unknown ?? [])].flatMap(([name, one]) => (latest?.asked.has(name) ? [one] : [])),
  }
}

async function lookAtNames(ports: HeldPorts, options: HeldOptions, stop: AbortSignal): Promise<Result<Found>> {
  const { store, table, outputsFor, sequenceRuleFor } = ports
  const { bucket, endings, selection } = options
  const found: Found = { unknown: new Map(), asked: new Set() }
  for await (const keys of store.listKeys?.(bucket) ?? []) {
    if (stop.aborted) break
    for (const key of keys) {
      if (!isSource(key, endings) || isBelowOutputs(outputsFor, { bucket, key })) continue
      const frame = frameNameOf(key, sequenceRuleFor({ bucket, key }))
      if (frame === null) continue
      const name = nameOf(frame)
      if (selection(key)) {
        found.asked.add(name)
        continue
      }
      const row = await table.element(bucket, key)
      if (!row.ok) return row
      if (row.value !== null && row.value.state !== "removed") continue
      const { folder, head, tail } = frame
      found.unknown.set(name, { folder, head, tail, leftOut: (found.unknown.get(name)?.leftOut ?? 0) + 1 })
    }
  }
  return done(found)
}
