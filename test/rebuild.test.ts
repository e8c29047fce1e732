import { mkdirSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { element, proxyMade } from "../src/events/testing/facts.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { openState } from "../src/state/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { answers, call, failuresOf, recordsOf, rowsOf, statusOf } from "./machine/answers.ts"
import { eventually } from "./machine/eventually.ts"
import { type Frames, openFrames } from "./machine/frames.ts"
import { start } from "./machine/process.ts"

type Report = Readonly<Record<"facts" | "rows" | "missing" | "different" | "orphaned", number>>

let frames: Frames
beforeAll(async () => {
  frames = openFrames({ "a.exr": "window", "sh010/b.exr": "shifted", "sh010/c.tif": "flower", "broken.exr": "damaged" })
  await call(["run", frames.dir])
  await call(["reprocess", "a.exr", "--dir", frames.dir])
})
afterAll(() => frames.remove())

const STATE = ".oiio-proxy-generator/state.sqlite"

/** What somebody does to the database who should not. */
function byHand(...statements: readonly string[]): void {
  const db = new DatabaseSync(frames.path(STATE))
  for (const statement of statements) db.exec(statement)
  db.close()
}

function countOf(table: string): number {
  const db = new DatabaseSync(frames.path(STATE), { readOnly: true })
  const count = db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n
  db.close()
  return Number(count)
}

/** Every row of the tables about pictures, as the database holds them. */
function tables(): unknown {
  const db = new DatabaseSync(frames.path(STATE), { readOnly: true })
  const rows = ["proxy_outputs", "elements"].map((name) => db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all())
  db.close()
  return rows
}

const rebuild = async (): Promise<Report | undefined> => (await answers<Report>(["rebuild", frames.dir, "--json"]))[0]

/** Four arrivals by listing and one reprocess, four pictures and a failure, and as much about headers. */
const FACTS = 5 + 4 + 1 + 4 + 1

/** Rows of the tables about headers, as the first run left them. */
const headerRows = (): number =>
  ["files", "parts", "channels", "attributes"].reduce((sum, name) => sum + countOf(name), 0)

/** Three rows of outputs and four of elements; whatever headers hold. */
const PICTURE_ROWS = 3 + 4
let rows = 0
beforeAll(() => {
  rows = PICTURE_ROWS + headerRows()
})

describe("rebuild", () => {
  let before: unknown
  beforeEach(() => {
    before = tables()
  })

  it("of sound tables finds no difference, and says how many facts and rows there are", async () => {
    expect(await rebuild()).toMatchObject({ facts: FACTS, rows, missing: 0, different: 0, orphaned: 0 })
    expect(tables()).toEqual(before)
    const { stdout } = await call(["rebuild", frames.dir])
    expect(stdout).toBe(
      `${rows} rows rebuilt from ${FACTS} facts: 0 were missing, 0 were different, 0 had no fact behind them.\n`,
    )
  })

  it("brings back tables that were dropped, row by row, from the log alone", async () => {
    byHand("DROP TABLE proxy_outputs", "DROP TABLE elements")
    const broken = await call(["outputs", frames.dir])
    expect(broken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("`rebuild` makes its tables from the log"),
    })
    expect(await rebuild()).toMatchObject({ facts: FACTS, rows, missing: PICTURE_ROWS, different: 0, orphaned: 0 })
    expect(tables()).toEqual(before)
  })

  it("mends rows that were changed, deleted or made up, and counts each", async () => {
    byHand(
      "UPDATE proxy_outputs SET thumbnail_size_bytes = 1, source_colorspace = 'none' WHERE s3_key = 'a.exr'",
      "DELETE FROM proxy_outputs WHERE s3_key = 'sh010/b.exr'",
      "UPDATE elements SET state = 'queued', version_order = 'zzz' WHERE key = 'broken.exr'",
      "INSERT INTO elements SELECT bucket, 'made-up.exr', version_order, element_id, state, source_version, render_key, file_id, stage, failure_code, failure_kind, failure_says, attempts, attempt, thumbnail_key, proxy_key, changed_at_ms FROM elements WHERE key = 'a.exr'",
    )
    expect(tables()).not.toEqual(before)
    expect(await rebuild()).toMatchObject({ facts: FACTS, rows, missing: 1, different: 2, orphaned: 1 })
    expect(tables()).toEqual(before)
    expect((await failuresOf(frames)).map(({ key }) => key)).toEqual(["broken.exr"])
  })

  it("appends nothing to the log, and the next run has nothing to do", async () => {
    const log = await recordsOf(frames)
    byHand("DROP TABLE proxy_outputs", "DROP TABLE elements")
    await rebuild()
    expect(await recordsOf(frames)).toEqual(log)
    expect((await statusOf(frames)).lag.every(({ lag }) => lag === 0)).toBe(true)
    expect((await call(["run", frames.dir])).stderr).toMatch(/^Nothing to do: 3 frames up to date\.$/m)
    expect(await recordsOf(frames)).toEqual(log)
  })

  it("a run after the tables were dropped takes every frame up again, renders none, and has all rows", async () => {
    const outputs = await rowsOf(frames)
    byHand("DROP TABLE proxy_outputs", "DROP TABLE elements")
    const ended = await call(["run", frames.dir])
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("0 frames rendered in ") })
    expect(await rowsOf(frames)).toEqual(outputs)
    expect(await rebuild()).toMatchObject({ rows, missing: 0, different: 0, orphaned: 0 })
  })
})

describe("while a rebuild runs", () => {
  const FACTS_MANY = 30_000
  let many: Frames
  beforeAll(async () => {
    many = openFrames()
    mkdirSync(many.beside("state"))
    const state = await openState({ folder: many.beside("state"), mode: "own", clock: systemClock })
    if (!state.ok) throw new Error(state.failure.says)
    const log = await openSqliteLog({ state: state.value, clock: systemClock })
    if (!log.ok) throw new Error(log.failure.says)
    const facts = Array.from({ length: FACTS_MANY }, (_, n) =>
      proxyMade(element({ bucket: "show", key: `${n}.exr`, elementId: `${n}` }), { proxyId: `${n}` }),
    )
    for (let at = 0; at < FACTS_MANY; at += 5000) await log.value.append(facts.slice(at, at + 5000))
    await log.value.close()
    state.value.close()
    await call(["rebuild", many.dir, "--state", many.beside("state")])
  })
  afterAll(() => many.remove())

  it("readers see the old table, then the new one, and nothing between", async () => {
    const db = new DatabaseSync(many.beside("state/state.sqlite"))
    db.exec("DELETE FROM proxy_outputs WHERE CAST(proxy_id AS INTEGER) % 3 = 0")
    const old = FACTS_MANY - FACTS_MANY / 3
    const count = (): number => Number(db.prepare("SELECT count(*) AS n FROM proxy_outputs").get()?.n)
    const seen: number[] = []
    const rebuilding = start(["rebuild", many.dir, "--state", many.beside("state"), "--json"])
    let ended = false
    void rebuilding.ended.then(() => {
      ended = true
    })
    await eventually("the rebuild has ended", () => {
      seen.push(count())
      return ended
    })
    seen.push(count())
    db.close()
    const { stdout } = await rebuilding.ended
    expect(JSON.parse(stdout)).toMatchObject({ facts: FACTS_MANY, rows: 2 * FACTS_MANY, missing: FACTS_MANY / 3 })
    expect([...new Set(seen)]).toEqual([old, FACTS_MANY])
  })

  it("a kill leaves the old table, and the next rebuild goes through", async () => {
    const db = new DatabaseSync(many.beside("state/state.sqlite"))
    db.exec("DELETE FROM proxy_outputs WHERE CAST(proxy_id AS INTEGER) % 2 = 0")
    const names = (): readonly unknown[] =>
      db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    const before = names()
    const rebuilding = start(["rebuild", many.dir, "--state", many.beside("state")])
    await eventually("it has begun to build", () => names().length > before.length, 180_000, 5)
    rebuilding.send("SIGKILL")
    expect((await rebuilding.ended).signal).toBe("SIGKILL")
    const outputs = await answers(["outputs", "--json", "--dir", many.dir, "--state", many.beside("state")])
    expect(outputs.length).toBe(FACTS_MANY / 2)
    const [report] = await answers<Report>(["rebuild", many.dir, "--state", many.beside("state"), "--json"])
    expect(report).toMatchObject({ missing: FACTS_MANY / 2, different: 0, orphaned: 0 })
    expect(names()).toEqual(before)
    db.close()
  })
})
