import type { LookFile, ReadLook } from "./look.ts"

/**
 * The bytes of look files, for as long as somebody holds their settings: what is under way can be finished, and what nobody
 * uses any more takes no memory.
 */
export type HeldLooks = {
  readonly hold: (read: ReadLook) => void
  readonly bytesOf: (look: LookFile, sha256: string) => Uint8Array | undefined
}

export function openHeldLooks(): HeldLooks {
  const held = new WeakMap<LookFile, ReadLook["bytes"]>()
  return {
    hold: ({ look, bytes }) => void held.set(look, bytes),
    bytesOf: (look, sha256) => held.get(look)?.get(sha256),
  }
}
