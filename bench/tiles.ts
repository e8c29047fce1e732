import { rm } from "node:fs/promises"
import { join } from "node:path"
import type { Table } from "../src/table/index.ts"
import { elementRow, proxyOutput, sequenceRow } from "../src/table/testing/rows.ts"
import { familyOf } from "./process-tree.ts"
import { cpuSeconds } from "./processes.ts"
import { heading, median, megabytes, okOf, row, target } from "./report.ts"
import { PROGRAM, type ServerProcess, serving, stateToFill } from "./serving.ts"
import { dragToTheEnd } from "./tiles-drag.ts"

/** A million takes minutes to be filled in. */
const OUTPUTS = Number(process.env.BENCH_OUTPUTS ?? 100_000)

/** A fifth of the frames are of shots. */
const SHOT_FRAMES = 100
const SHOTS = Math.floor(OUTPUTS / 5 / SHOT_FRAMES)

const MERGED_AT_ONCE = 4_000
const RANDOM_PAGES = 300
const REQUESTS = 20
const PAGE = 100

/** Pages of a table that is far larger than what is looked at, as the console and other programs ask for them. */
export async function benchTiles(): Promise<void> {
  heading(`tiles: ${OUTPUTS} outputs in SQLite, a fifth of them in ${SHOTS} shots, by \`serve\` over loopback, signed`)
  const { folder, bucket, records } = await stateToFill()
  const begun = performance.now()
  await fill(records.table, bucket)
  row("filled in", `${((performance.now() - begun) / 1000).toFixed(1)} s`)
  await records.close()
  const server = await serving(PROGRAM, ["serve", folder])
  const total = await totalOf(server)
  row("tiles", `${total}`)
  await timesOf(server, total)
  await memoryOf(server, total)
  await server.stop()
  await rm(join(folder, ".."), { recursive: true })
  await dragToTheEnd()
}

/** Always the same, and spread over all. */
const scattered = (index: number, among: number): number => (index * 2_654_435_761) % among

const keyOf = (index: number): string => {
  const shot = Math.floor(index / SHOT_FRAMES)
  return shot < SHOTS
    ? `show/sh${String(shot).padStart(5, "0")}/plate.${1001 + (index % SHOT_FRAMES)}.exr`
    : `stills/day${index % 365}/still-${scattered(index, OUTPUTS)}.tif`
}

function rowsOf(index: number, bucket: string) {
  const [key, changed_at_ms] = [keyOf(index), 1_775_001_600_000 + scattered(index, 10_000_000)]
  const generated_timestamp = new Date(changed_at_ms).toISOString().replace("Z", "000+00:00")
  const file_id = `file ${index}`
  const made = { proxy_id: `proxy ${index}`, s3_bucket: bucket, s3_key: key, file_id, generated_timestamp }
  const element = { bucket, key, file_id, element_id: `element ${index}`, changed_at_ms }
  return { output: proxyOutput(made), element: elementRow({ ...element, state: "done" }) }
}

async function fill(table: Table, bucket: string): Promise<void> {
  for (let first = 0; first < OUTPUTS; first += MERGED_AT_ONCE) {
    const count = Math.min(MERGED_AT_ONCE, OUTPUTS - first)
    const rows = Array.from({ length: count }, (_, at) => rowsOf(first + at, bucket))
    okOf(
      await table.merge({
        proxyOutputs: rows.map(({ output }) => output),
        elements: rows.map(({ element }) => element),
      }),
    )
  }
  const sequences = Array.from({ length: SHOTS }, (_, shot) => {
    const [folder, changed_at_ms] = [`show/sh${String(shot).padStart(5, "0")}/`, 1_775_001_600_000 + shot]
    const frames_made = `1001-${1000 + SHOT_FRAMES}`
    return sequenceRow({ bucket, folder, head: "plate.", sequence_id: `shot ${shot}`, changed_at_ms, frames_made })
  })
  okOf(await table.merge({ proxyOutputs: [], elements: [], sequences }))
}

async function asked<Answer>({ address }: ServerProcess, path: string): Promise<Answer> {
  const answer = await fetch(`${address}/api/v1${path}`)
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Answer
}

const totalOf = async (server: ServerProcess): Promise<number> =>
  (await asked<{ total: number }>(server, "/tiles?limit=1")).total

type Measured = { readonly medianMs: number; readonly mostMs: number; readonly cpuMs: number }

/** By the clock of whoever asks, and of the server's CPU a request. */
async function measured(server: ServerProcess, paths: readonly string[]): Promise<Measured> {
  const [begun, times]: [number, number[]] = [cpuSeconds(server.child.pid), []]
  for (const path of paths) {
    const sent = performance.now()
    await asked(server, path)
    times.push(performance.now() - sent)
  }
  const cpuMs = (1000 * (cpuSeconds(server.child.pid) - begun)) / paths.length
  return { medianMs: median(times), mostMs: Math.max(...times), cpuMs }
}

const told = ({ medianMs, mostMs, cpuMs }: Measured): readonly [string, string] => [
  `${medianMs.toFixed(1)} ms`,
  `at most ${mostMs.toFixed(1)} ms, CPU ${cpuMs.toFixed(1)} ms`,
]

const repeated = (path: string): readonly string[] => Array.from({ length: REQUESTS }, () => path)

const anywhere = (count: number, total: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `/tiles?limit=${PAGE}&at=${scattered(index + 1, total - PAGE)}`)

async function timesOf(server: ServerProcess, total: number): Promise<void> {
  for (const order of ["newest", "name"]) {
    const first = await measured(server, repeated(`/tiles?limit=${PAGE}&order=${order}`))
    target({ what: `first page by ${order}, median`, measured: first.medianMs, unit: "ms", atMost: 300 })
    row("  the same", ...told(first))
    const last = repeated(`/tiles?limit=${PAGE}&order=${order}&at=${total - PAGE}`)
    row(`last page by ${order}`, ...told(await measured(server, last)))
  }
  row("pages anywhere", ...told(await measured(server, anywhere(REQUESTS, total))))
  row("looked up", ...told(await measured(server, lookUps())))
  row("outputs by key, page after page", ...told(await measured(server, await outputPages(server))))
  for (const [what, query] of FILTERS) {
    const paths = Array.from({ length: REQUESTS / 4 }, (_, turn) => `/tiles?limit=${PAGE}&${query(turn)}`)
    row(`filter: ${what}`, ...told(await measured(server, paths)))
  }
  await besideFilter(server)
}

/** Each turn another text, since totals are known once they were counted. */
const FILTERS: readonly (readonly [what: string, query: (turn: number) => string])[] = [
  ["a folder", (turn) => `prefix=stills/day${turn}/`],
  ["a part of very many names", (turn) => `q=still-${turn + 1}`],
  ["a part of no name", (turn) => `q=nothing-${turn}`],
  ["failed, of which there are none", () => "state=failed"],
]

const lookUps = (): readonly string[] =>
  Array.from({ length: REQUESTS * 5 }, (_, index) => {
    const source = `s3://shots/${keyOf(scattered(index, OUTPUTS))}`
    return `/lookup?source=${encodeURIComponent(source)}`
  })

async function outputPages(server: ServerProcess): Promise<readonly string[]> {
  const paths: string[] = []
  let cursor = ""
  while (paths.length < REQUESTS) {
    paths.push(`/outputs?limit=${PAGE}&sign=true${cursor}`)
    const { next_cursor } = await asked<{ next_cursor: string | null }>(server, paths.at(-1) ?? "")
    if (next_cursor === null) break
    cursor = `&cursor=${encodeURIComponent(next_cursor)}`
  }
  return paths
}

/** How long others wait while somebody's filter goes through every name. */
async function besideFilter(server: ServerProcess): Promise<void> {
  const waits: number[] = []
  let isFiltering = true
  const filtered = asked(server, "/tiles?q=beside").finally(() => {
    isFiltering = false
  })
  while (isFiltering) {
    const sent = performance.now()
    await asked(server, "/me")
    waits.push(performance.now() - sent)
  }
  await filtered
  row(
    "longest wait of others beside such a filter",
    `${Math.max(...waits).toFixed(1)} ms`,
    `of ${waits.length} requests`,
  )
}

async function memoryOf(server: ServerProcess, total: number): Promise<void> {
  const resident = (): number =>
    familyOf(server.child.pid ?? 0).reduce((sum, { residentBytes }) => sum + residentBytes, 0)
  const start = resident()
  const pages = anywhere(RANDOM_PAGES, total)
  for (const path of pages) await asked(server, path)
  const first = resident()
  for (const path of pages) await asked(server, path)
  const second = resident()
  row(
    "memory of the server",
    `${megabytes(first)} MB`,
    `after ${RANDOM_PAGES} pages anywhere; ${megabytes(start)} MB before`,
  )
  target({
    what: `  after ${RANDOM_PAGES} more, over that`,
    measured: second / first,
    unit: "x",
    atMost: 1.1,
    digits: 2,
  })
}
