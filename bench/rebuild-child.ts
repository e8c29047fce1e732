import type { FactOf } from "../src/events/fact.ts"
import { factIdOf, fileIdOf, proxyIdOf } from "../src/events/identity.ts"
import { EPOCH_MS, proxyMade, source } from "../src/events/testing/facts.ts"
import { mtimeText } from "../src/events/time.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { openState } from "../src/state/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { openSqliteTable } from "../src/table/sqlite.ts"
import { rebuildTables } from "../topology/project/rebuild.ts"
import { okOf } from "./report.ts"

/** What a rebuild in this process took. */
export type Rebuilding = { readonly seconds: number; readonly peakBytes: number }

const APPENDED_AT_ONCE = 1000

const [task, folder = "", count = "0"] = process.argv.slice(2)
const state = okOf(await openState({ folder, mode: "own", clock: systemClock }))
const log = okOf(await openSqliteLog({ state, clock: systemClock }))
if (task === "fill") await fill(Number(count))
else await rebuild(Number(count))
state.close()

async function fill(facts: number): Promise<void> {
  for (let first = 0; first < facts; first += APPENDED_AT_ONCE) {
    okOf(await log.append(Array.from({ length: APPENDED_AT_ONCE }, (_, at) => fact(first + at))))
  }
  console.log("{}")
}

async function rebuild(facts: number): Promise<void> {
  const table = openSqliteTable({ state })
  okOf(await table.ensure())
  const begunMs = performance.now()
  const report = okOf(await rebuildTables({ log, table }))
  const seconds = (performance.now() - begunMs) / 1000
  if (report.facts !== facts || report.rows !== 2 * facts) throw new Error(`rebuild: ${JSON.stringify(report)}`)
  const found: Rebuilding = { seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }
  console.log(JSON.stringify(found))
}

function fact(number: number): FactOf<"proxy-made"> {
  const key = `renders/sh${number % 1000}/beauty.${String(number).padStart(7, "0")}.exr`
  const made = proxyMade({ key })
  const fileId = fileIdOf(key, mtimeText(EPOCH_MS))
  const value = {
    ...made.value,
    factId: factIdOf("proxy-made", key),
    proxyId: proxyIdOf("show", key, fileId),
    source: source({ fileId }),
  }
  return { topic: "proxy-made", value }
}
