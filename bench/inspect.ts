import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { besideSources } from "../src/element/output-places.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { silentNotifications } from "../src/notify/lines.ts"
import { openHeaderInspector } from "../src/picture/inspect/inspector.ts"
import { EXRHEADER } from "../src/picture/inspect/testing/exrheader.ts"
import { DEFAULT_LIMITS } from "../src/picture/read/header/limits.ts"
import { hasCorpus } from "../src/picture/read/header/testing/corpus.ts"
import { openState, type State } from "../src/state/index.ts"
import { openDirectoryStore } from "../src/store/directory.ts"
import { systemClock } from "../src/system/clock.ts"
import { openSqliteTable } from "../src/table/sqlite.ts"
import { debianMissing } from "../test/machine/debian.ts"
import { runGroup } from "../topology/flow/run-group.ts"
import { INSPECTOR, METADATA_PROJECTOR } from "../topology/graph.ts"
import { runProjector } from "../topology/project/projector.ts"
import type { Damaged } from "./inspect-damaged-child.ts"
import { arrivals, framesFrom, headersOf } from "./inspect-frames.ts"
import { policy } from "./policy.ts"
import { cpuSeconds, inChild, must } from "./processes.ts"
import { heading, median, okOf, row, target } from "./report.ts"

const FRAMES = 6000
const SPAWNED = 200

/** Headers alone: frames of the public corpus, from a folder to rows in SQLite; beside exrheader, a process a file. */
export async function benchInspect(): Promise<void> {
  if (!hasCorpus) return heading("inspect: left out, the corpus is not here")
  const folder = mkdtempSync(join(tmpdir(), "bench-inspect-"))
  const headers = headersOf()
  heading(`inspect: ${FRAMES} frames with ${headers.length} headers of the corpus, folder to rows in SQLite`)
  const show = join(folder, "show")
  mkdirSync(show)
  const keys = framesFrom(headers, show, FRAMES)
  const state = okOf(await openState({ folder: join(folder, "state"), mode: "own", clock: systemClock }))
  const begun = { ms: performance.now(), cpu: cpuSeconds() }
  await inspectAll(state, show, keys)
  const [seconds, cpu] = [(performance.now() - begun.ms) / 1000, cpuSeconds() - begun.cpu]
  target({ what: "headers a second", measured: FRAMES / seconds, unit: "/s", atLeast: 500, digits: 0 })
  target({ what: "headers a second of CPU", measured: FRAMES / cpu, unit: "/s", atLeast: 500, digits: 0 })
  await report(state)
  state.close()
  await besideExrheader(show, keys, FRAMES / seconds)
  await damaged()
  rmSync(folder, { recursive: true, force: true })
}

async function inspectAll(state: State, root: string, keys: readonly string[]): Promise<void> {
  const log = okOf(await openSqliteLog({ state, clock: systemClock }))
  const table = openSqliteTable({ state })
  okOf(await table.ensure())
  const store = okOf(await openDirectoryStore(new Map([["show", root]])))
  const stop = new AbortController()
  let finished = 0
  const ports = {
    log,
    table,
    store,
    policy,
    clock: systemClock,
    random: Math.random,
    headers: openHeaderInspector(DEFAULT_LIMITS),
    outputsFor: besideSources,
    notifications: silentNotifications,
    observe: ({ kind }: { readonly kind: string }) => {
      if (kind === "finished") finished += 1
    },
  }
  const stopping = { stop: stop.signal, abort: new AbortController().signal }
  const running = [runGroup(INSPECTOR, ports, stopping), runProjector(METADATA_PROJECTOR, ports, stopping)]
  okOf(await log.append(arrivals(keys)))
  while (finished < keys.length || okOf(await log.lag(METADATA_PROJECTOR.group)).some(({ lag }) => lag > 0)) {
    await systemClock.sleep(10)
  }
  stop.abort()
  await Promise.all(running)
}

/** A number that left frames behind would be none. */
async function report(state: State): Promise<void> {
  const count = (table: string): number => Number(state.sql(`SELECT count(*) AS rows FROM ${table}`).get()?.rows)
  const [files = 0, ...others] = ["files", "parts", "channels", "attributes"].map(count)
  if (files !== FRAMES) throw new Error(`inspect: ${files} of ${FRAMES} frames have rows`)
  const rows = others.reduce((sum, number) => sum + number, files)
  row("rows a frame, all four tables", (rows / FRAMES).toFixed(1), `${rows} rows`)
  const bytes: number[] = []
  const log = okOf(await openSqliteLog({ state, clock: systemClock }))
  for await (const record of log.read("source-inspected")) {
    const { content } = okOf(record)
    if ("fact" in content && content.fact.topic === "source-inspected") bytes.push(content.fact.value.bytesRead)
  }
  target({ what: "bytes read a frame, median", measured: median(bytes) / 1024, unit: "KiB", atMost: 64 })
  row("bytes read a frame, most", `${(Math.max(...bytes) / 1024).toFixed(0)} KiB`)
}

async function besideExrheader(root: string, keys: readonly string[], ours: number): Promise<void> {
  const missing = await debianMissing({ programs: [EXRHEADER], packages: ["openexr"] })
  if (missing !== null) return row("exrheader, a process a file, no rows", "not measured", missing)
  const files = keys.filter((key) => key.endsWith(".exr")).slice(0, SPAWNED)
  const begunMs = performance.now()
  for (const key of files) await must(EXRHEADER, [join(root, key)])
  const theirs = files.length / ((performance.now() - begunMs) / 1000)
  row("exrheader, a process a file, no rows", `${theirs.toFixed(0)} /s`, `ours is ${(ours / theirs).toFixed(1)} x that`)
}

async function damaged(): Promise<void> {
  const { files, slowestMs, extraMegabytes } = await inChild<Damaged>("./inspect-damaged-child.ts")
  target({ what: `slowest of ${files} damaged files`, measured: slowestMs, unit: "ms", atMost: 50 })
  target({ what: "memory for all of them", measured: extraMegabytes, unit: "MB", atMost: 64 })
}
