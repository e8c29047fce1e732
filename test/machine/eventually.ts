import { setTimeout as sleep } from "node:timers/promises"

/** Asks again and again until the answer is true; a deadline is there to end a hang, not to measure. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`it never came true that ${what}`)
    await sleep(50)
  }
}
