import { describe, expect, it, onTestFinished } from "vitest"
import { elementFailed, proxyMade } from "../events/testing/facts.ts"
import { movieMade } from "../events/testing/sequence-facts.ts"
import type { Notifications, Outcome } from "./index.ts"
import { messagesOf } from "./messages.ts"

/** What a receiver sees of one message. A receiver that sees no keys says null. */
export type Received = {
  readonly channel: "proxy" | "completion"
  readonly key: string | null
  readonly value: unknown
}

export type NotificationsUnderTest = {
  readonly notifications: Notifications
  /** The first `count` messages that the receiver has, each channel in its order. */
  received(count: number): Promise<readonly Received[]>
  /** Puts the receiver out of reach until the returned function is called. */
  breakDown(): Promise<() => Promise<void>>
  dispose(): Promise<void>
}

const MADE: Outcome = { made: proxyMade({ jobId: "job-1" }).value }
const { value: movie } = movieMade()
const MOVIE: Outcome = { movie: { ...movie, movie: movie.movie as NonNullable<typeof movie.movie> } }
const FAILED: Outcome = { failed: elementFailed({ key: "broken.exr", jobId: "job-2" }).value }

/** Where adapters differ. Each is tested as declared, and printed in the suite's name. */
export type NotificationLimits = {
  /** Whether a receiver sees the id of the asset as the key of a message, beside its value. */
  readonly keys: "keys" | "no keys"
}

/** What every adapter that tells the outside world promises. */
export function notificationsContract(
  name: string,
  open: () => Promise<NotificationsUnderTest>,
  { keys }: NotificationLimits,
): void {
  const opened = async (): Promise<NotificationsUnderTest> => {
    const under = await open()
    onTestFinished(() => under.dispose())
    return under
  }

  describe(`notifications: ${name} (${keys})`, () => {
    it("tells of successes on both channels, of failures on one, to the letter of the contract", async () => {
      const { notifications, received } = await opened()
      expect(await notifications.tell([MADE, FAILED, MOVIE])).toMatchObject({ ok: true })
      const all = await received(4)
      const wanted = [MADE, FAILED, MOVIE].flatMap(messagesOf)
      for (const channel of ["proxy", "completion"] as const) {
        const values = all.filter((one) => one.channel === channel).map(({ value }) => value)
        expect(values).toEqual(wanted.filter((one) => one.channel === channel).map(({ value }) => value))
      }
    })

    it(`gives messages ${keys}`, async () => {
      const { notifications, received } = await opened()
      await notifications.tell([MADE, FAILED])
      const wanted = [MADE, FAILED].flatMap(messagesOf).map(({ key }) => (keys === "keys" ? key : null))
      expect((await received(3)).map(({ key }) => key).toSorted()).toEqual(wanted.toSorted())
    })

    it("tells in the order in which it is told, on each channel", async () => {
      const { notifications, received } = await opened()
      const outcomes = Array.from(
        { length: 20 },
        (_, frame): Outcome => ({
          failed: elementFailed({ key: `shot/${frame}.exr`, assetId: "one-asset" }).value,
        }),
      )
      await Promise.all(outcomes.map((outcome) => notifications.tell([outcome])))
      const wanted = outcomes.flatMap(messagesOf).map(({ value }) => value)
      expect((await received(20)).map(({ value }) => value)).toEqual(wanted)
    })

    it("repeats the same id when it is told the same again", async () => {
      const { notifications, received } = await opened()
      await notifications.tell([FAILED])
      await notifications.tell([FAILED])
      const [first, second] = await received(2)
      expect(second?.value).toEqual(first?.value)
    })

    it("tells nothing of nothing", async () => {
      const { notifications, received } = await opened()
      expect(await notifications.tell([])).toMatchObject({ ok: true })
      await notifications.tell([FAILED])
      expect(await received(1)).toHaveLength(1)
    })

    it("gives an outage back as a value, and is well afterwards", async () => {
      const { notifications, received, breakDown } = await opened()
      const heal = await breakDown()
      const told = await notifications.tell([MADE])
      expect(told).toMatchObject({ ok: false, failure: { code: "notify/unreachable", kind: "outage" } })
      await heal()
      expect(await notifications.tell([MADE])).toMatchObject({ ok: true })
      expect(await received(2)).toHaveLength(2)
    })

    it("gives an outage back once it is closed, and tells nothing more", async () => {
      const { notifications, received } = await opened()
      await notifications.tell([FAILED])
      await notifications.close()
      expect(await notifications.tell([MADE])).toMatchObject({ ok: false, failure: { kind: "outage" } })
      expect(await received(1)).toHaveLength(1)
    })
  })
}
