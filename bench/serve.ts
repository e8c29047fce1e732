import { mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import autocannon from "autocannon"
import { elementRow, proxyOutput } from "../src/table/testing/rows.ts"
import { folderOf, makeFrame } from "./frames-source.ts"
import { familyOf } from "./process-tree.ts"
import { cpuSeconds } from "./processes.ts"
import { heading, median, megabytes, okOf, row, target } from "./report.ts"
import { PROGRAM, type ServerProcess, serving, stateToFill } from "./serving.ts"

const ROWS = 10_000
const LOOKED_UP_SECONDS = 8
const BATCH = 200

const FRAMES = Number(process.env.BENCH_FRAMES ?? 24)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const STREAMS = 1_000
const SLOW_STREAMS = 50

/** The API under load, and what those who listen take from the work beside them. */
export async function benchServe(): Promise<void> {
  await lookUps()
  await streams()
}

const key = (index: number): string => `sh${index % 100}/beauty.${1001 + Math.floor(index / 100)}.exr`

/** A folder's state with many rows: nobody asks whether the pictures are there before one is loaded. */
async function knownFolder(): Promise<string> {
  const { folder, bucket, records } = await stateToFill()
  const all = Array.from({ length: ROWS }, (_, index) => index)
  okOf(
    await records.table.merge({
      proxyOutputs: all.map((index) =>
        proxyOutput({ proxy_id: `proxy ${index}`, s3_bucket: bucket, s3_key: key(index), file_id: `file ${index}` }),
      ),
      elements: all.map((index) =>
        elementRow({
          bucket,
          key: key(index),
          state: "done",
          file_id: `file ${index}`,
          element_id: `element ${index}`,
        }),
      ),
    }),
  )
  await records.close()
  return folder
}

async function lookUps(): Promise<void> {
  heading(`serve: signed look-ups of a folder with ${ROWS} outputs in SQLite, one server on one core, over loopback`)
  const folder = await knownFolder()
  const server = await serving("taskset", ["-c", "1", PROGRAM, "serve", folder])
  const sources = Array.from({ length: 500 }, (_, index) => `s3://shots/${key(index * 17)}`)
  const single = await cannon(server, {
    requests: sources.map((source) => ({ path: `/api/v1/lookup?source=${encodeURIComponent(source)}` })),
  })
  target({
    what: "look-ups a CPU second, a request each",
    measured: single.load.requests.total / single.cpuSeconds,
    unit: "/s",
    atLeast: 3000,
    digits: 0,
  })
  row("  by the clock", `${single.load.requests.average.toFixed(0)} /s`, latencyOf(single.load))
  const body = JSON.stringify({ sources: sources.slice(0, BATCH) })
  const batches = await cannon(server, {
    requests: [{ method: "POST", path: "/api/v1/lookup", body, headers: { "content-type": "application/json" } }],
  })
  const each = (batches.load.requests.total * BATCH) / batches.cpuSeconds
  row(`look-ups a CPU second, ${BATCH} a request`, each.toFixed(0), latencyOf(batches.load))
  await server.stop()
  await rm(join(folder, ".."), { recursive: true })
}

const latencyOf = ({ latency, errors, non2xx }: autocannon.Result): string =>
  `median ${latency.p50} ms, p99 ${latency.p99} ms, ${errors + non2xx} errors`

type Loaded = { readonly load: autocannon.Result; readonly cpuSeconds: number }

async function cannon(
  { address, child }: ServerProcess,
  requests: Pick<autocannon.Options, "requests">,
): Promise<Loaded> {
  // taskset becomes the shell, and that the server: one process.
  const begun = cpuSeconds(child.pid)
  const load = await autocannon({ url: address, connections: 16, duration: LOOKED_UP_SECONDS, ...requests })
  return { load, cpuSeconds: cpuSeconds(child.pid) - begun }
}

type Round = { readonly cpuSeconds: number; readonly wallSeconds: number; readonly residentBytes: number }

/** The same frames by `run --watch --serve`, with nobody listening and with a thousand streams, in turn. */
async function streams(): Promise<void> {
  heading(
    `serve: ${FRAMES} frames of 4096x2160 by \`run --watch --serve\`, alone and beside ${STREAMS} streams of what is made, and ${SLOW_STREAMS} of everything that are never read`,
  )
  const place = await mkdtemp(join(tmpdir(), "bench-streams-"))
  const frame = await makeFrame(place, "zip")
  const [alone, beside]: [Round[], Round[]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await worked(join(place, `alone${round}`), frame, 0))
    beside.push(await worked(join(place, `beside${round}`), frame, STREAMS))
  }
  const rate = (rounds: readonly Round[]): number => median(rounds.map(({ cpuSeconds: seconds }) => FRAMES / seconds))
  row(
    "frames a CPU second, alone",
    rate(alone).toFixed(2),
    `${median(alone.map((one) => one.wallSeconds)).toFixed(1)} s by the clock`,
  )
  row(
    "frames a CPU second, beside",
    rate(beside).toFixed(2),
    `${median(beside.map((one) => one.wallSeconds)).toFixed(1)} s by the clock, the readers on the same cores`,
  )
  target({ what: "beside / alone", measured: (100 * rate(beside)) / rate(alone), unit: "%", atLeast: 95 })
  const bytes = (rounds: readonly Round[]): number => median(rounds.map(({ residentBytes }) => residentBytes))
  row("memory of the process at the end", `${megabytes(bytes(alone))}, ${megabytes(bytes(beside))} MB`, "alone, beside")
  await rm(place, { recursive: true })
}

async function worked(folder: string, frame: string, streams: number): Promise<Round> {
  await mkdir(folder)
  const server = await serving(PROGRAM, ["run", folder, "--watch", "--serve", "--watch-quiet-seconds", "1"])
  const pid = server.child.pid ?? 0
  const readers = await listening(server.port, streams)
  const spent = (): number => familyOf(pid).reduce((sum, { id }) => sum + cpuSeconds(id), 0)
  const begun = { cpu: spent(), ms: performance.now() }
  await folderOf(frame, FRAMES, join(folder, "..", "copies"))
  await rename(join(folder, "..", "copies"), join(folder, "sh010"))
  while ((await framesDone(server.address)) < FRAMES) await sleep(250)
  const cpu = spent() - begun.cpu
  const wallSeconds = (performance.now() - begun.ms) / 1000
  const residentBytes = familyOf(pid).find(({ id }) => id === pid)?.residentBytes ?? 0
  const heard = readers.filter(({ bytesRead }) => bytesRead > 0).length
  if (heard < streams) throw new Error(`serve: of ${streams} streams ${heard} heard anything`)
  for (const reader of readers) reader.destroy()
  await server.stop()
  return { cpuSeconds: cpu, wallSeconds, residentBytes }
}

async function framesDone(address: string): Promise<number> {
  const answer = await fetch(`${address}/api/v1/status`)
  const { states } = (await answer.json()) as { states: { done: number } | null }
  return states?.done ?? 0
}

/** Streams that are read, and beside them some that never are. */
async function listening(port: number, streams: number): Promise<readonly Socket[]> {
  const open = async (query: string, isRead: boolean): Promise<Socket> => {
    const socket = connect(port, "127.0.0.1")
    socket.on("error", () => undefined)
    await new Promise((resolve) => socket.once("connect", resolve))
    socket.write(`GET /api/v1/events${query} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    if (isRead) socket.resume()
    else socket.pause()
    return socket
  }
  const readers: Socket[] = []
  for (let count = 0; count < streams; count++)
    readers.push(await open("?topics=proxy-made,element-failed,movie-made", true))
  for (let count = 0; count < (streams === 0 ? 0 : SLOW_STREAMS); count++) readers.push(await open("", false))
  return readers
}
