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
import { heading, megabytes, okOf, row, target } from "./report.ts"
import { stubPorts } from "./stubs.ts"

const ELEMENTS = 50_000
const APPENDED_AT_ONCE = 500
/** Arrivals that wait in the log while others are worked on: a backlog that never runs dry, and never is all there is. */
const MOST_AHEAD = 5000

/** The machinery alone: arrivals through all topics to rows in SQLite, durable, with a stub in place of pictures. */
export async function benchMachinery(): Promise<void> {
  heading(`machinery: ${ELEMENTS} elements through all topics and both groups, SQLite, every commit on disk`)
  const folder = await mkdtemp(join(tmpdir(), "bench-machinery-"))
  const state = okOf(await openState({ folder, mode: "own", clock: systemClock }))
  const cpuBefore = process.cpuUsage()
  const begunMs = performance.now()
  const residentBytes = await passElements(state)
  const seconds = (performance.now() - begunMs) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  checkRows(state)
  target({ what: "elements a second", measured: ELEMENTS / seconds, unit: "/s", atLeast: 2000, digits: 0 })
  row("CPU per element", `${((cpu.user + cpu.system) / ELEMENTS).toFixed(0)} us`, `${seconds.toFixed(1)} s in all`)
  const [first = 0] = residentBytes
  row("memory at each tenth, MB (RSS)", residentBytes.map(megabytes).join(" "))
  target({
    what: "memory at the end / at the first tenth",
    measured: (residentBytes.at(-1) ?? 0) / first,
    unit: "x",
    atMost: 1.3,
    digits: 2,
  })
  state.close()
  await rm(folder, { recursive: true, force: true })
}

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
      ...stubPorts(),
      log,
      table,
      notifications: silentNotifications,
      sequences: null,
    },
    interrupts: { drain: never, abort: never, cause: () => null },
    observe: ({ kind }) => {
      if (kind !== "made") return
      made += 1
      if (made % (ELEMENTS / 10) === 0) residentBytes.push(process.memoryUsage().rss)
    },
    feed: () => feed(log, () => made),
    endsWhenBlocked: false,
    settlesAtEnd: true,
  })
  if (worked.kind !== "done") throw new Error(`machinery: ended ${worked.kind}`)
  return residentBytes
}

async function feed(log: EventLog, made: () => number): ReturnType<EventLog["append"]> {
  for (let first = 0; first < ELEMENTS; first += APPENDED_AT_ONCE) {
    while (first - made() > MOST_AHEAD) await systemClock.sleep(5)
    okOf(await log.append(Array.from({ length: APPENDED_AT_ONCE }, (_, at) => arrival(first + at))))
  }
  return { ok: true, value: undefined }
}

/** A number that left elements behind would be none. */
function checkRows({ sql }: State): void {
  const found = sql(
    "SELECT (SELECT count(*) FROM proxy_outputs) AS rows, count(*) AS done FROM elements WHERE state = 'done'",
  )
  const { rows, done } = found.get() ?? {}
  if (rows !== ELEMENTS || done !== ELEMENTS) throw new Error(`machinery: ${rows} rows and ${done} elements done`)
}
