import { describe, expect, it } from "vitest"
import { type Failure, type FailureCode, failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { Clock } from "../system/clock.ts"
import { openPatiently } from "./patient-start.ts"

/** Time that passes only where somebody sleeps. */
function sleepingClock(): Clock {
  let nowMs = 0
  return {
    nowMs: () => nowMs,
    steadyMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms
    },
  }
}

type Start = { readonly forSeconds: number; readonly stop?: AbortSignal }

/** A start that meets these failures one after the other, the last of them for ever; null: it succeeds. */
async function start(meets: readonly (Failure | null)[], { forSeconds, stop = new AbortController().signal }: Start) {
  const clock = sleepingClock()
  const waited: FailureCode[] = []
  let tries = 0
  const result: Result<string> = await openPatiently({
    open: async () => {
      const met = meets[Math.min(tries++, meets.length - 1)] ?? null
      return met === null ? done("open") : failed(met)
    },
    forSeconds,
    clock,
    stop,
    waits: ({ code }) => waited.push(code),
  })
  return { result, tries, waited, seconds: clock.steadyMs() / 1000 }
}

const registryAway = failure("registry/unreachable", "SCHEMA_REGISTRY_URL: nobody listens.")
const storeAway = failure("store/unreachable", "S3_ENDPOINT: nobody listens.")

describe("a start", () => {
  it("waits for servers that come late, and says once what it waits for", async () => {
    const met = [registryAway, registryAway, storeAway, registryAway, null]
    expect(await start(met, { forSeconds: 60 })).toMatchObject({
      result: done("open"),
      tries: 5,
      waited: ["registry/unreachable", "store/unreachable"],
    })
  })

  it("gives up on a server that stays away when its time is over, with what is wrong", async () => {
    const { result, seconds } = await start([registryAway], { forSeconds: 60 })
    expect({ result, seconds }).toEqual({ result: failed(registryAway), seconds: 60 })
  })

  it("tries once where it is not to wait", async () => {
    expect(await start([registryAway], { forSeconds: 0 })).toMatchObject({ tries: 1, waited: [] })
  })

  it.each([
    ["missing topics", failure("log/refused", "Run `topics create`.")],
    ["a wrong secret key, an outage later on", failure("store/denied", "check S3_SECRET_KEY", "outage")],
    ["a wrong password at Trino, an outage later on", failure("table/refused", "check VAST_DB_SECRET_KEY", "outage")],
    ["a missing tool", failure("tool/missing", "install oiiotool")],
    ["a setting that is not valid", failure("config/invalid", "S3_ENDPOINT is no address")],
  ])("ends at once for %s", async (_, wrong) => {
    expect(await start([wrong, null], { forSeconds: 60 })).toMatchObject({
      result: failed(wrong),
      tries: 1,
      waited: [],
    })
  })

  it("ends at once when it is told to stop", async () => {
    expect(await start([storeAway], { forSeconds: 60, stop: AbortSignal.abort() })).toMatchObject({ tries: 1 })
  })
})
