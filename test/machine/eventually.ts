import { setTimeout as sleep } from "node:timers/promises"

/**
 * Asks again and again until the answer is true. An ask that fails is asked again, too: one slow answer of a busy server
 * says nothing. The deadline is there to end a hang, not to measure; past it, the last failure is said.
 */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 180_000,
  everyMs = 50,
): Promise<void> {
  const endMs = performance.now() + withinMs
  for (;;) {
    const askedMs = performance.now()
    let cause: unknown
    try {
      if (await isSo()) return
    } catch (error) {
      cause = error
    }
    const nowMs = performance.now()
    if (nowMs > endMs) {
      const says = cause === undefined ? "" : `; asking failed: ${cause instanceof Error ? cause.message : cause}`
      throw new Error(`it never came true that ${what}${says}`, { cause })
    }
    // Asking is work for the servers, too: half of the time at most.
    await sleep(Math.min(Math.max(nowMs - askedMs, everyMs), 2_000))
  }
}
