import type { S3Client } from "@aws-sdk/client-s3"
import { plausibleMs } from "../../events/time.ts"
import type { Clock } from "../../system/clock.ts"
import { headerOf } from "./gateway.ts"

/** `Date` tells whole seconds. */
const SECOND_MS = 1000

/**
 * The store's clock, heard in the `Date` of every answer. This machine's own clock is right as far as it agrees with
 * the second that the store names; otherwise it is corrected until it does.
 */
export function listenForTime(client: S3Client, clock: Clock): () => number {
  let aheadMs = 0
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      aheadMs = corrected(aheadMs, Date.parse(headerOf(answer.response, "date")), clock.nowMs())
      return answer
    },
    // Next to the wire, so that refusals are heard as well.
    { step: "deserialize", priority: "low", name: "listenForTime" },
  )
  return () => clock.nowMs() + aheadMs
}

/**
 * How far the store's clock is ahead of ours, after an answer at our `nowMs` that names the second from `secondMs` on. A
 * time that no fact can hold says nothing, as does none.
 */
export const corrected = (aheadMs: number, secondMs: number, nowMs: number): number =>
  plausibleMs(secondMs) !== secondMs
    ? aheadMs
    : Math.min(Math.max(aheadMs, secondMs - nowMs), secondMs + SECOND_MS - 1 - nowMs)
