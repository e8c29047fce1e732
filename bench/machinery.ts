import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { workUntilDone } from "../src/cli/work.ts"
import { systemClock } from "../src/events/clock.ts"
import type { FactOf } from "../src/events/fact.ts"
import { elementIdOf, factIdOf } from "../src/events/identity.ts"
import { element } from "../src/events/testing/facts.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { silentNotifications } from "../src/notify/lines.ts"
import { openState } from "../src/state/index.ts"
import { openSqliteTable } from "../src/table/sqlite.ts"
import { megabytes, okOf, row } from "./report.ts"
import { renderSettings } from "./settings.ts"
import { stubPicture, stubScratch, stubStore } from "./stubs.ts"

const ELEMENTS = 20_000
const APPENDED_AT_ONCE = 500

/** The machinery alone: arrivals through all topics to rows in SQLite, durable, with a stub in place of pictures. */
export async function benchMachinery(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-machinery-"))
  const state = okOf(await openState({ folder, mode: "own", clock: systemClock }))
  const log = okOf(await openSqliteLog({ state, clock: systemClock }))
  const table = openSqliteTable({ state })
  okOf(await table.ensure())
  const never = new AbortController().signal
  const memory: number[] = []
  const begun = performance.now()
  let made = 0
  await workUntilDone({
    ports: {
      log,
      table,
      store: stubStore(),
      picture: stubPicture(),
      scratch: stubScratch,
      clock: systemClock,
      random: Math.random,
      settingsFor: () => renderSettings,
      notifications: silentNotifications,
      policy: {
        credits: 256,
        rendersInFlight: 16,
        sourcesHeld: 64,
        mostAttempts: 4,
        backoffMs: 100,
        mostBackoffMs: 1000,
        mostSourceBytes: 2 ** 40,
        batchRows: 500,
        batchMs: 20,
        generatorVersion: "bench",
      },
    },
    interrupts: { drain: never, abort: never, cause: () => null },
    observe: ({ kind }) => {
      if (kind !== "made") return
      made += 1
      if (made % (ELEMENTS / 10) === 0) memory.push(process.memoryUsage().rss)
    },
    feed: async () => {
      for (let first = 0; first < ELEMENTS; first += APPENDED_AT_ONCE) {
        okOf(await log.append(Array.from({ length: APPENDED_AT_ONCE }, (_, at) => arrival(first + at))))
      }
      return { ok: true, value: undefined }
    },
  })
  const seconds = (performance.now() - begun) / 1000
  row(
    "machinery alone, SQLite, durable",
    `${Math.round(ELEMENTS / seconds)} elements/s`,
    `${ELEMENTS} elements in ${seconds.toFixed(1)} s; target 2,000/s`,
  )
  row("  memory over the run (RSS)", memory.map(megabytes).join(" "), "MB at each tenth of the elements")
  state.close()
  await rm(folder, { recursive: true, force: true })
}

function arrival(number: number): FactOf<"element-created"> {
  const key = `sh${number % 100}/frame.${String(number).padStart(7, "0")}.exr`
  const elementId = elementIdOf({ record: { topic: "bench", partition: 0, offset: number, recordIndex: 0 } })
  const arrived = element({ key, elementId, triggerId: elementId })
  return {
    topic: "element-created",
    value: {
      factId: factIdOf("element-created", elementId),
      causationId: elementId,
      recordedAtMs: arrived.arrivedAtMs,
      element: arrived,
    },
  }
}
