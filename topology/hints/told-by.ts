// Which sequences were told of an object: what it said is taken back from these, whether they have frames now or not.

import type { SequenceStated } from "../../src/events/records.generated.ts"
import { done, type Result } from "../../src/events/result.ts"
import type { Coordinates, EventLog } from "../../src/log/index.ts"
import { TAKEN_BACK } from "../../src/sequence/stated/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import type { SequenceName } from "./store-looks.ts"

/** Sequences of which a word of this object stands. */
export type ToldBy = (object: ObjectRef) => Promise<Result<readonly SequenceName[]>>

/** Sequences by their ids, of each object. */
type Told = Map<string, Map<string, SequenceName>>

/** Reads the log when it is asked for the first time; asked again, what has come since. */
export function openToldBy({ read }: Pick<EventLog, "read">): ToldBy {
  const told: Told = new Map()
  const positions = new Map<number, Coordinates>()
  const readOn = async (): Promise<Result<void>> => {
    for await (const record of read("sequence-stated", { from: [...positions.values()] })) {
      if (!record.ok) return record
      const { content, at } = record.value
      positions.set(at.partition, { ...at, offset: at.offset + 1 })
      if ("fact" in content && content.fact.topic === "sequence-stated") hear(told, content.fact.value)
    }
    return done(undefined)
  }
  let last: Promise<Result<void>> = Promise.resolve(done(undefined))
  return async (object) => {
    last = last.then(readOn)
    const known = await last
    return known.ok ? done([...(told.get(nameOf(object))?.values() ?? [])]) : known
  }
}

const nameOf = ({ bucket, key }: ObjectRef): string => `${bucket}/${key}`

function hear(told: Told, { sequence, frames, object }: SequenceStated): void {
  if (object === null) return
  const { sequenceId, bucket, folder, head, tail } = sequence
  const name = nameOf({ bucket, key: object })
  const sequences = told.get(name) ?? new Map<string, SequenceName>()
  if (frames === TAKEN_BACK) sequences.delete(sequenceId)
  else sequences.set(sequenceId, { folder, head, tail })
  if (sequences.size === 0) told.delete(name)
  else told.set(name, sequences)
}
