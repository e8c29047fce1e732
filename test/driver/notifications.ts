import { done } from "../../src/events/result.ts"
import type { Notifications, Outcome } from "../../src/notify/index.ts"

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
