import type { Failure } from "../events/failure.ts"
import type { Clock } from "../system/clock.ts"
import type { Interrupts } from "../system/interrupts.ts"
import type { Running } from "./roles.ts"

/** What a process that met a bug may still take for finishing and for closing, each. */
const AFTER_BUG_MS = 10_000

type Patience = { readonly clock: Pick<Clock, "sleep">; readonly interrupts: Pick<Interrupts, "abort"> }

/**
 * However one of them ends, the others are told to end with it: a process does all of its work or none. Resolves with the
 * first failure once all have ended. After a bug the others finish what they have begun, as far as they still can; then
 * it rejects with the bug.
 */
export async function allOrNone(
  running: readonly Running[],
  enough: AbortController,
  patience: Patience,
): Promise<Failure | null> {
  const ends = running.map((one) => one.finally(() => enough.abort()))
  try {
    return (await Promise.all(ends)).find((failure) => failure !== null) ?? null
  } finally {
    await atMostAWhile(patience, Promise.allSettled(ends))
  }
}

/** Waits for what is to be done after a bug, but not for ever. */
export async function atMostAWhile({ clock, interrupts }: Patience, work: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  const late = clock.sleep(AFTER_BUG_MS, AbortSignal.any([over.signal, interrupts.abort]))
  await Promise.race([work, late])
  over.abort()
}
