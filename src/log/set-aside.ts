import type { Delivery } from "./index.ts"
import type { Turns } from "./round-robin.ts"

type Aside = {
  /** Null where directories take no turns: then nothing else is held back. */
  readonly turns: Pick<Turns<unknown>, "hold" | "release"> | null
  readonly folders: readonly string[]
  /** Counts the credit as returned (-1) or taken again (1). */
  readonly credit: (change: -1 | 1) => void
  readonly changed: () => void
}

/** The port's `setAside` of one delivery. Whoever comes back first lets its whole directory go on: what stopped it is over. */
export function setAside({ turns, folders, credit, changed }: Aside): Delivery["setAside"] {
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
