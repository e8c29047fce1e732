import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, it, onTestFinished } from "vitest"
import { unwrap } from "../events/testing/results.ts"
import { openState, type State } from "../state/index.ts"
import { systemClock as clock } from "../system/clock.ts"
import { openSqliteLog } from "./sqlite.ts"
import { keyOf, readAll } from "./testing/harness.ts"

const KILLS = Number(process.env.CRASH_KILLS ?? 12)
const SEED = Number(process.env.CRASH_SEED ?? 20_260_401)
const WORKER = new URL("testing/worker.ts", import.meta.url).pathname

/** Park and Miller: the same instants for the same seed. */
function random(seed: number): () => number {
  let state = seed % 2_147_483_647
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** How far a worker comes: so many acknowledgements, however long they take on this machine, and some milliseconds. */
type Life = { readonly acknowledged: number; readonly thenMs: number }

/** Lets a worker live after it began, kills it, and gives what it promised before. */
async function lifeOf(folder: string, life: number, { acknowledged, thenMs }: Life): Promise<string[]> {
  const child = spawn(process.execPath, [WORKER, folder, String(life)], { stdio: ["ignore", "pipe", "inherit"] })
  const exited = once(child, "exit")
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text
  })
  const isFarEnough = (): boolean => said !== "" && keysSaid(said.split("\n"), "k").length >= acknowledged
  while (!isFarEnough() && child.exitCode === null) await Promise.race([once(child.stdout, "data"), exited])
  await sleep(thenMs)
  child.kill("SIGKILL")
  expect(await exited).toEqual([null, "SIGKILL"])
  if (!child.stdout.readableEnded) await once(child.stdout, "end")
  // The last line may be cut.
  return said.split("\n").slice(0, -1)
}

const keysSaid = (lines: readonly string[], kind: "a" | "k"): string[] =>
  lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(2))

it(`loses nothing it promised in ${KILLS} kills at random instants (seed ${SEED})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "crash-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const next = random(SEED)
  const promised: string[] = []
  for (let life = 0; life < KILLS; life++) {
    const extent = { acknowledged: Math.floor(next() * 40), thenMs: next() * 20 }
    promised.push(...(await lifeOf(folder, life, extent)))
  }
  const state = unwrap(await openState({ folder, mode: "own", clock }))
  onTestFinished(() => void state.close())
  await holdsAll(state, promised)
})

async function holdsAll(state: State, promised: readonly string[]): Promise<void> {
  const log = unwrap(await openSqliteLog({ state, clock }))
  const created = await readAll(log, "element-created")
  const arrived = new Set(created.map(keyOf))
  expect(keysSaid(promised, "a").filter((key) => !arrived.has(key))).toEqual([])
  expect(created.map(({ at }) => at.offset)).toEqual(created.map((_, index) => index))

  const made = (await readAll(log, "proxy-made")).map(keyOf)
  const [renderer] = unwrap(await log.lag("renderer"))
  const finished = new Set(made)
  expect(keysSaid(promised, "k").filter((key) => !finished.has(key))).toEqual([])
  expect(keysSaid(promised, "k").length).toBeGreaterThan(KILLS)
  // Nothing below the group's offset is without its facts; each acknowledgement left both of them or none.
  const done = created.slice(0, renderer?.committed).map(keyOf)
  expect(done.filter((key) => !finished.has(key))).toEqual([])
  const counts = new Map<string, number>()
  for (const key of made) counts.set(key, (counts.get(key) ?? 0) + 1)
  expect([...counts].filter(([, count]) => count % 2 !== 0)).toEqual([])
  expect(state.sql("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" })
}
