import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { failure } from "../events/result.ts"
import { unwrap } from "../events/testing/results.ts"
import { OFFSETS_PER_TOPIC } from "../state/database-file.ts"
import { openState, type State } from "../state/index.ts"
import { systemClock } from "../system/clock.ts"
import { eventLogContract } from "./contract.ts"
import { appendForeign, memoryRecords, openMemoryLog } from "./memory.ts"
import { openSqliteLog } from "./sqlite.ts"
import type { Foreign, LogUnderTest } from "./testing/harness.ts"

eventLogContract("memory", openMemory, {
  quietMs: 30,
  laterReader: "takes over",
  otherProcess: "sees nothing",
  offsets: "with the facts",
  outage: "of everything",
  partitions: 1,
})

eventLogContract("sqlite", openSqlite, {
  quietMs: 60,
  laterReader: "takes over",
  otherProcess: "reads",
  offsets: "with the facts",
  // The disk is full.
  outage: "of writing",
  partitions: 1,
})

async function openMemory(): Promise<LogUnderTest> {
  const records = memoryRecords()
  return {
    log: openMemoryLog({ clock: systemClock, records }),
    reopen: async () => openMemoryLog({ clock: systemClock, records }),
    elsewhere: async () => openMemoryLog({ clock: systemClock }),
    diesEarly: null,
    appendForeign: async (foreign) => appendForeign(records, { ...foreign, headers: null }, Date.now()),
    storeSchema: async (_topic, text) => records.schemas.push(text) - 1,
    breakDown: async () => {
      records.outage = failure("log/unreachable", "The test pulled the plug.")
      return async () => {
        records.outage = null
      }
    },
    dispose: async () => records.records.clear(),
  }
}

async function openSqlite(): Promise<LogUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "log-"))
  const open = async (mode: "own" | "read" = "own"): Promise<State> =>
    unwrap(await openState({ folder, mode, clock: systemClock }))
  const logOf = async (state: State) => unwrap(await openSqliteLog({ state, clock: systemClock }))
  let state = await open()
  return {
    log: await logOf(state),
    reopen: async () => {
      state.close()
      state = await open()
      return logOf(state)
    },
    elsewhere: async () => {
      const reader = await open("read")
      onTestFinished(() => void reader.close())
      return logOf(reader)
    },
    diesEarly: null,
    appendForeign: (foreign) => insertForeign(state, foreign),
    storeSchema: async (topic, text) => {
      const insert = "INSERT INTO writer_schema(topic, fingerprint, text) VALUES (?, 'test', ?) RETURNING id"
      return unwrap(await state.write("log", () => Number(state.sql(insert).get(topic, text)?.id)))
    },
    breakDown: async () => {
      // A full disk, as SQLite meets it.
      const pages = Number(state.sql("PRAGMA page_count").get()?.page_count)
      state.sql(`PRAGMA max_page_count = ${pages}`).get()
      return async () => void state.sql("PRAGMA max_page_count = 1073741823").get()
    },
    dispose: async () => {
      state.close()
      rmSync(folder, { recursive: true })
    },
  }
}

async function insertForeign(state: State, { topic, key, value }: Foreign): Promise<void> {
  const tp = state.topics.get(topic) ?? 0
  const insert = state.sql("INSERT INTO record(id, ts, k, h, v) VALUES (?, ?, ?, NULL, ?)")
  const reserve = state.sql("UPDATE tp SET next_off = next_off + 1 WHERE id = ? RETURNING next_off - 1 AS off")
  const write = () => void insert.run(tp * OFFSETS_PER_TOPIC + Number(reserve.get(tp)?.off), Date.now(), key, value)
  unwrap(await state.write("log", write))
}
