import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { elementFailed } from "../../events/testing/facts.ts"
import { unwrap } from "../../events/testing/results.ts"
import { openSqliteLog } from "../../log/sqlite.ts"
import { openState } from "../../state/index.ts"
import { systemClock as clock } from "../../system/clock.ts"
import { openSqliteTable } from "../../table/sqlite.ts"
import { elementRow, proxyOutput } from "../../table/testing/rows.ts"

/** A folder of frames whose state prints more than 5 MB with every command that writes rows. */
export type LargeState = {
  readonly folder: string
  readonly rows: number
  readonly remove: () => void
}

const ROWS = 3000
const FOLDER = `show/${"a-folder-with-a-long-name/".repeat(20)}sh010`
const SAYS = "The file ends in the middle of a scan line. ".repeat(44)

export async function makeLargeState(): Promise<LargeState> {
  const parent = mkdtempSync(join(tmpdir(), "large-state-"))
  const folder = join(parent, "bucket")
  mkdirSync(folder)
  const state = unwrap(await openState({ folder: join(folder, ".oiio-proxy-generator"), mode: "own", clock }))
  const log = unwrap(await openSqliteLog({ state, clock }))
  const table = openSqliteTable({ state })
  unwrap(await table.ensure())
  const keys = Array.from({ length: ROWS }, (_, index) => `${FOLDER}/beauty.${String(index).padStart(5, "0")}.exr`)
  unwrap(
    await table.merge({
      proxyOutputs: keys.map((key) =>
        proxyOutput({ s3_key: key, proxy_id: `id of ${key}`, file_id: `file of ${key}` }),
      ),
      elements: keys.map((key) =>
        elementRow({ key, state: "failed", failure_code: "picture/unreadable", failure_says: SAYS }),
      ),
    }),
  )
  unwrap(await log.append(keys.map(() => elementFailed({}, { says: SAYS }))))
  await log.close()
  await table.close()
  state.close()
  return { folder, rows: ROWS, remove: () => rmSync(parent, { recursive: true, force: true }) }
}

/** A folder of files that are named like frames. */
export type ManyFrames = {
  readonly folder: string
  readonly count: number
  readonly remove: () => void
}

/** So many that their keys, a line each, are more than `bytes`. */
export function makeManyFrames(bytes: number): ManyFrames {
  const parent = mkdtempSync(join(tmpdir(), "many-frames-"))
  const folder = join(parent, "bucket")
  const below = join(folder, ...Array.from({ length: 8 }, () => "a-folder-with-a-long-name-".repeat(5)))
  mkdirSync(below, { recursive: true })
  const count = Math.ceil(bytes / (below.length - folder.length))
  for (let frame = 0; frame < count; frame += 1) writeFileSync(join(below, `${frame}.exr`), "")
  return { folder, count, remove: () => rmSync(parent, { recursive: true, force: true }) }
}
