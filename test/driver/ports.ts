/** Ports that a test watches: calls under way are counted, answers made to fail, and what others are told is kept. */

import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done, type FailureCode, failed, failure } from "../../src/events/result.ts"
import { unwrap } from "../../src/events/testing/results.ts"
import type { Notifications, Outcome } from "../../src/notify/index.ts"
import type { Scratch } from "../../src/picture/index.ts"
import type { ObjectStore } from "../../src/store/index.ts"

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
      // A port need not have every call that it may have.
      const watched = calls.flatMap((name) => {
        const call = port[name] as ((...args: unknown[]) => unknown) | undefined
        return call === undefined ? [] : [[name, counted(call.bind(port))]]
      })
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

/** A folder that is being given back is under way, too: others may wait for its permit. */
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

/** Keeps what the outside world was told. */
export function collectingNotifications(): {
  readonly notifications: Notifications
  readonly told: readonly Outcome[]
} {
  const told: Outcome[] = []
  const notifications: Notifications = {
    tell: (outcomes) => {
      told.push(...outcomes)
      return Promise.resolve(done(undefined))
    },
    close: () => Promise.resolve(),
  }
  return { notifications, told }
}

/** Makes one method of a port answer with a failure while `isDown` says so, before anything has happened. */
export const failingWhile =
  <Port extends object>(name: keyof Port, code: FailureCode, isDown: () => boolean) =>
  (port: Port): Port => {
    const call = (port[name] as (...args: unknown[]) => Promise<unknown>).bind(port)
    const refusing = (...args: unknown[]): Promise<unknown> =>
      isDown() ? Promise.resolve(failed(failure(code, `${String(name)} is made to fail`))) : call(...args)
    return { ...port, [name]: refusing }
  }

/** True for the first `times` questions. */
export function times(count: number): () => boolean {
  let left = count
  return () => {
    left -= 1
    return left >= 0
  }
}

/** Puts a source of this text and says nothing of it. */
export async function putText(
  store: ObjectStore,
  folder: string,
  { key, text }: { key: string; text: string | Uint8Array },
): Promise<void> {
  const file = join(folder, "put.tmp")
  await writeFile(file, text)
  unwrap(await store.put({ bucket: "show", key }, file, { contentType: "image/x-exr", tags: {}, metadata: {} }))
}
