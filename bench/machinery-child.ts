import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runUntilDone } from "../src/deployment/run-embedded.ts"
import type { EventLog } from "../src/log/index.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { silentNotifications } from "../src/notify/lines.ts"
import { openState, type State } from "../src/state/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { openSqliteTable } from "../src/table/sqlite.ts"
import { arrival } from "./arrival.ts"
import { cpuSeconds } from "./processes.ts"
import { okOf } from "./report.ts"
import { stubPorts, stubSequences } from "./stubs.ts"

export type Passed = {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** At each tenth of the elements. */
  readonly residentBytes: readonly number[]
}

const APPENDED_AT_ONCE = 500
/** Arrivals that wait in the log while others are worked on: a backlog that never runs dry, and never is all there is. */
const MOST_AHEAD = 5000
/** Shots of the arrivals of this bench, which have a movie each where sequences are on. */
const SHOTS = 100

const [first = "", what = ""] = process.argv.slice(2)
const elements = Number(first)
const withSequences = what === "sequences"
// What a store remembers is not the machinery's: it does so on both sides where two are compared.
const remembers = what !== "alone"

const folder = await mkdtemp(join(tmpdir(), "bench-machinery-"))
const state = okOf(await openState({ folder, mode: "own", clock: systemClock }))
const begun = { cpu: cpuSeconds(), ms: performance.now() }
const residentBytes = await passElements(state)
const passed: Passed = {
  cpuSeconds: cpuSeconds() - begun.cpu,
  wallSeconds: (performance.now() - begun.ms) / 1000,
  residentBytes,
}
checkRows(state)
state.close()
await rm(folder, { recursive: true, force: true })
process.stdout.write(JSON.stringify(passed))

/** Resident bytes at each tenth of the elements. */
async function passElements(state: State): Promise<readonly number[]> {
  const log = okOf(await openSqliteLog({ state, clock: systemClock }))
  const table = openSqliteTable({ state })
  okOf(await table.ensure())
  const never = new AbortController().signal
  const residentBytes: number[] = []
  let made = 0
  const worked = await runUntilDone({
    ports: {
      ...stubPorts({ remembers }),
      log,
      table,
      notifications: silentNotifications,
      sequences: withSequences ? stubSequences(folder) : null,
    },
    interrupts: { drain: never, abort: never, cause: () => null },
    observe: (observation) => {
      if (observation.kind === "failed") throw new Error(`machinery: ${observation.failure.says}`)
      if (observation.kind !== "made") return
      made += 1
      if (made % (elements / 10) === 0) residentBytes.push(process.memoryUsage().rss)
    },
    feed: () => feed(log, () => made),
    endsWhenBlocked: false,
    settlesAtEnd: true,
  })
  if (worked.kind !== "done") throw new Error(`machinery: ended ${JSON.stringify(worked)}`)
  return residentBytes
}

async function feed(log: EventLog, made: () => number): ReturnType<EventLog["append"]> {
  for (let first = 0; first < elements; first += APPENDED_AT_ONCE) {
    while (first - made() > MOST_AHEAD) await systemClock.sleep(5)
    okOf(await log.append(Array.from({ length: APPENDED_AT_ONCE }, (_, at) => arrival(first + at))))
  }
  return { ok: true, value: undefined }
}

/** A number that left elements or movies behind would be none. */
function checkRows({ sql }: State): void {
  const found = sql(
    `SELECT (SELECT count(*) FROM proxy_outputs) AS rows, count(*) AS done,
            (SELECT count(*) FROM sequences WHERE movie_key IS NOT NULL) AS movies FROM elements WHERE state = 'done'`,
  )
  const { rows, done, movies } = found.get() ?? {}
  const asked = withSequences ? SHOTS : 0
  if (rows !== elements || done !== elements || movies !== asked)
    throw new Error(`machinery: ${rows} rows, ${done} elements done, ${movies} movies`)
}
