// What is said of a sequence beside its frames: which of them there have to be, and that it is complete.

import type { SequenceStated as StatedFact } from "../../src/events/records.generated.ts"
import { agreedOn, isStatement } from "../../src/sequence/stated/index.ts"
import type { Moment } from "./frames-known.ts"

/** Somebody says that a sequence is complete now (no frames), or of which frames it is to be (`1001-1040`). */
export type SequenceStated = Pick<StatedFact, "sequence" | "by" | "frames" | "saidAtMs" | "factId" | "recordedAtMs"> & {
  readonly kind: "stated"
}

type Word = { readonly told: Moment; readonly frames: string | null; readonly saidAtMs: number }

export type Statements = {
  /** The last word of each who said something. */
  readonly words: ReadonlyMap<string, Word>
  /** When the log took in the last of them, by its clock. */
  readonly lastMs: number
  /** The frames that there have to be, of whoever is believed; null where nobody stated any. */
  readonly frames: Float64Array | null
}

/** What is known before anybody said something: what the rules of the settings state. */
export const statedByRule = (rule: string | null): Statements => agreed(new Map(), { rule, lastMs: NEVER })

const NEVER = Number.NEGATIVE_INFINITY

/** Takes a statement in; of each who states something the last word counts. */
export function hearStatement(
  known: Statements,
  { by, frames, saidAtMs }: SequenceStated,
  { told, atMs, rule }: { readonly told: Moment; readonly atMs: number; readonly rule: string | null },
): Statements {
  const words = new Map(known.words).set(by, later(known.words.get(by) ?? null, { told, frames, saidAtMs }))
  return agreed(words, { rule, lastMs: Math.max(known.lastMs, atMs) })
}

function agreed(
  words: Statements["words"],
  { rule, lastMs }: { readonly rule: string | null; readonly lastMs: number },
): Statements {
  const spoken = [...words].map(([by, { frames }]) => ({ by, frames }))
  const { stated } = agreedOn([{ by: "rule", frames: rule }, ...spoken].filter(isStatement))
  return { words, lastMs, frames: stated?.set ?? null }
}

/** Whether somebody said that it is complete, after the last of its frames was taken in. */
export function isSaidComplete({ words }: Statements, lastTakenInMs: number): boolean {
  return [...words.values()].some(({ frames, saidAtMs }) => frames === null && saidAtMs >= lastTakenInMs)
}

export function later<T extends { readonly told: Moment }>(known: T | null, told: T): T {
  if (known === null || told.told.atMs > known.told.atMs) return told
  return told.told.atMs === known.told.atMs && told.told.id > known.told.id ? told : known
}
