import type { Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { createWakeSignal, type WakeSignal } from "../system/wake-signal.ts"
import type { ReadOptions, StoredRecord, Topic } from "./index.ts"
import type { Storage } from "./storage.ts"

/** Records read at once. */
const PAGE = 500

/** The port's `read` on an embedded log. */
export async function* readFrom(
  { storage, clock }: { readonly storage: Storage; readonly clock: Clock },
  topic: Topic,
  { from = 0, sinceMs = 0, follow }: ReadOptions = {},
): AsyncGenerator<Result<StoredRecord>> {
  const wakeSignal = createWakeSignal()
  const silence = storage.onChange(wakeSignal.wake)
  follow?.addEventListener("abort", wakeSignal.wake)
  let position = typeof from === "number" ? from : (from.find((at) => at.topic === topic)?.offset ?? 0)
  try {
    for (;;) {
      const end = storage.end(topic)
      if (!end.ok) return yield end
      while (position < end.value && follow?.aborted !== true) {
        const page = storage.page({ topic, from: position, until: end.value, sinceMs, limit: PAGE })
        if (!page.ok) return yield page
        for (const record of page.value) yield { ok: true, value: record }
        const last = page.value.length === PAGE ? page.value.at(-1) : undefined
        position = last === undefined ? end.value : last.at.offset + 1
        await storage.breathe()
      }
      if (follow === undefined || follow.aborted) return
      await changed(storage, wakeSignal, clock, follow)
    }
  } finally {
    silence()
    follow?.removeEventListener("abort", wakeSignal.wake)
  }
}

async function changed({ pollMs }: Storage, wakeSignal: WakeSignal, clock: Clock, follow: AbortSignal): Promise<void> {
  if (pollMs === null) await wakeSignal.woken()
  else await clock.sleep(pollMs, follow)
}
