import type { Fact } from "../events/fact.ts"
import type { Result } from "../events/result.ts"
import type { Delivery } from "./index.ts"
import type { RoundRobin } from "./round-robin.ts"

/** The port's `acknowledge` of one delivery: once it worked, repeating it changes nothing. */
export function acknowledgeOnce(settle: (facts: readonly Fact[]) => Promise<Result<void>>): Delivery["acknowledge"] {
  let settled: Promise<Result<void>> | null = null
  return (facts = []) => {
    settled ??= settle(facts).then((result) => {
      // A failed acknowledgement keeps its credit and may be tried again, with the same facts or others.
      if (!result.ok) settled = null
      return result
    })
    return settled
  }
}

type AsideOptions = {
  /** Null where directories take no turns: then nothing else is held back. */
  readonly turns: Pick<RoundRobin<unknown>, "hold" | "release"> | null
  readonly folders: readonly string[]
  /** Counts the credit as returned (-1) or taken again (1). */
  readonly credit: (change: -1 | 1) => void
  readonly changed: () => void
}

/**
 * The port's `setAside` of one delivery. The first delivery of a directory that is taken up again releases the whole directory,
 * since what stopped it is over.
 */
export function setAside({ turns, folders, credit, changed }: AsideOptions): Delivery["setAside"] {
  let isAside = false
  const takeUp = (): void => {
    if (!isAside) return
    isAside = false
    credit(1)
    turns?.release(folders)
    changed()
  }
  return () => {
    if (!isAside) {
      isAside = true
      credit(-1)
      turns?.hold(folders)
      changed()
    }
    return takeUp
  }
}
