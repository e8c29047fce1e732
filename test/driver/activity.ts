import type { Scratch } from "../../src/picture/index.ts"

/** Counts port calls under way, so that a test can wait for quiet instead of for time. */
export type Activity = {
  watch<Port extends object>(port: Port, calls: readonly (keyof Port)[]): Port
  /** Resolves when no watched call has been under way for some turns of the event loop. */
  quiet(): Promise<void>
}

const QUIET_TURNS = 12

export function activity(): Activity {
  let busy = 0
  const counted =
    (call: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]): Promise<unknown> => {
      busy += 1
      try {
        return await call(...args)
      } finally {
        busy -= 1
      }
    }
  return {
    watch(port, calls) {
      const watched = calls.map((name) => [name, counted((port[name] as (...args: unknown[]) => unknown).bind(port))])
      return { ...port, ...Object.fromEntries(watched) }
    },
    async quiet() {
      for (let turns = 0; turns < QUIET_TURNS; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve))
        if (busy > 0) turns = 0
      }
    },
  }
}

/** Giving a folder back is work, too: a place in a lane may hang on it. */
export const watchedScratch = (scratch: Scratch, acts: Activity): Scratch =>
  acts.watch<Scratch>(
    {
      open: async (sizeBytes) => {
        const opened = await scratch.open(sizeBytes)
        return opened.ok ? { ...opened, value: acts.watch(opened.value, ["remove"]) } : opened
      },
    },
    ["open"],
  )
