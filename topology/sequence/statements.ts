// What is said of a sequence beside its frames: which of them there have to be, and that it is complete.

import type { SequenceStated as StatedFact } from "../../src/events/records.generated.ts"
import { framesAgreedOn, isStatement, TAKEN_BACK } from "../../src/sequence/stated/index.ts"
import type { Moment } from "./frames-known.ts"

/** Somebody says that a sequence is complete now (no frames), or of which frames it is to be (`1001-1040`). */
export type SequenceStated = Pick<
  StatedFact,
  "sequence" | "by" | "frames" | "saidAtMs" | "factId" | "recordedAtMs" | "object"
> & { readonly kind: "stated" }

type Word = { readonly by: string; readonly told: Moment; readonly frames: string | null; readonly saidAtMs: number }

export type Statements = {
  /** The last word of each object, and of each who said something without one. */
  readonly words: ReadonlyMap<string, Word>
  /** The last word of each who said something, of what is not taken back. */
  readonly last: readonly Word[]
  /** When the log took in the last of them, by its clock. */
  readonly lastMs: number
  /** The frames that there have to be, of whoever is believed; null where nobody stated any. */
  readonly frames: Float64Array | null
}

/** What is known before anybody said something: what the rules of the settings state. */
export const statedByRule = (rule: string | null): Statements => agreed(new Map(), { rule, lastMs: NEVER })

const NEVER = Number.NEGATIVE_INFINITY

/** Objects whose words are kept of one sequence: more than any has, little memory. */
const MOST_WORDS = 100

/** Takes a statement in; of each who states something the last word counts whose object is there. */
export function hearStatement(
  known: Statements,
  { by, frames, saidAtMs, object }: SequenceStated,
  { told, atMs, rule }: { readonly told: Moment; readonly atMs: number; readonly rule: string | null },
): Statements {
  const from = JSON.stringify([by, object])
  const words = new Map(known.words).set(from, later(known.words.get(from) ?? null, { by, told, frames, saidAtMs }))
  if (words.size > MOST_WORDS) words.delete(earliest(words))
  return agreed(words, { rule, lastMs: Math.max(known.lastMs, atMs) })
}

function earliest(words: Statements["words"]): string {
  const [[from, word] = ["", null], ...others] = words
  return others.reduce((first, [other, { told }]) => (isLater(first.told, told) ? { from: other, told } : first), {
    from,
    told: word?.told ?? { atMs: NEVER, id: 0n },
  }).from
}

function agreed(
  words: Statements["words"],
  { rule, lastMs }: { readonly rule: string | null; readonly lastMs: number },
): Statements {
  const last = new Map<string, Word>()
  for (const word of words.values())
    if (word.frames !== TAKEN_BACK) last.set(word.by, later(last.get(word.by) ?? null, word))
  const frames = framesAgreedOn([{ by: "rule", frames: rule }, ...last.values()].filter(isStatement))
  return { words, last: [...last.values()], lastMs, frames }
}

/** Whether somebody said that it is complete, after the last of its frames was taken in. */
export function isSaidComplete({ last }: Statements, lastTakenInMs: number): boolean {
  return last.some(({ frames, saidAtMs }) => frames === null && saidAtMs >= lastTakenInMs)
}

export const later = <T extends { readonly told: Moment }>(known: T | null, told: T): T =>
  known === null || isLater(told.told, known.told) ? told : known

const isLater = (one: Moment, other: Moment): boolean =>
  one.atMs > other.atMs || (one.atMs === other.atMs && one.id > other.id)
