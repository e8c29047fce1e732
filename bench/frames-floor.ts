import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { encodeHere } from "../src/picture/encode/encode-here.ts"
import { ffmpegRun } from "../src/picture/encode/h264.ts"
import { carryOut, type DrawOrder } from "../src/picture/engines/in-process/render-order.ts"
import { openReader, routeOf } from "../src/picture/engines/own-readers.ts"
import { openSetup, planFor } from "../src/picture/engines/setup.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import { nativeEncoders } from "../src/picture/native/encoders.ts"
import { libraryPath, loadNativeLibrary } from "../src/picture/native/library.ts"
import { inputOf, looksOf, pixelPlan } from "../src/picture/pixels/plan.ts"
import { readHeader } from "../src/picture/read/header/read.ts"
import { decideReading, readLocalHeader } from "../src/picture/read/reading.ts"
import { withFileBytes } from "../src/picture/samples/file-bytes.ts"
import { packageFolder } from "../src/picture/tools/find-tool.ts"
import { toolRunner } from "../src/picture/tools/tool-context.ts"
import { cpuSeconds } from "./processes.ts"
import { median, okOf, row } from "./report.ts"

const TIMES = 5

/** What cannot be left out of a frame, each alone and warm: reading it, reading and shrinking it, encoding its proxy. */
export async function benchFloor(sourceFile: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-floor-"))
  const setup = okOf(await openSetup())
  const { order, plan } = await orderFor(sourceFile)
  if (order === null) return rm(folder, { recursive: true })
  const read = await cpuMs(async () => void okOf(readAll(order)))
  const both = await cpuMs(async () => void okOf(carryOut(order)))
  const { canvases } = okOf(carryOut(order))
  const canvas = canvases.proxy
  const encoding = { output: plan.main, plan }
  const tools = okOf(await setup.tools())
  const run = toolRunner(setup, { folder, signal: new AbortController().signal })
  const byTool = ffmpegRun(encoding, { kind: "yuv420p", canvas }, "floor.h264")
  const encode = await cpuMs(async () => void okOf(await run(tools.ffmpeg, ...byTool)))
  const library = loadNativeLibrary(libraryPath(await packageFolder()))
  row("floor: reading alone", `${read.toFixed(0)} ms`, "CPU, median, one thread")
  row("floor: reading, shrinking and colour", `${both.toFixed(0)} ms`)
  row("floor: encoding alone, by a process of ffmpeg", `${encode.toFixed(0)} ms`)
  if (library.ok) {
    const native = nativeEncoders(library.value)
    const here = await cpuMs(async () => void okOf(await encodeHere([encoding], canvases, native)))
    row("floor: encoding alone, by the native library", `${here.toFixed(0)} ms`)
  }
  await rm(folder, { recursive: true })
}

const readAll = (order: DrawOrder) =>
  withFileBytes(order.sourceFile, (bytes) => {
    const reader = okOf(openReader(bytes, order))
    return reader.readRows({ first: 0, last: reader.height - 1 }, () => undefined)
  })

async function cpuMs(work: () => Promise<void>): Promise<number> {
  const taken: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const before = cpuSeconds()
    await work()
    taken.push(1000 * (cpuSeconds() - before))
  }
  return median(taken)
}

/** What a thread would be told about this file; null for one that is converted first. */
async function orderFor(sourceFile: string) {
  const setup = okOf(await openSetup())
  const request = {
    key: basename(sourceFile),
    statedSpace: null,
    colour: SETTINGS.colour,
    configHash: setup.configHash,
  }
  const reading = okOf(await readLocalHeader(sourceFile, (file) => decideReading(file, request)))
  const header = okOf(await readLocalHeader(sourceFile, (file) => readHeader(file, request.key)))
  const plan = okOf(planFor(setup, { reading, settings: SETTINGS }))
  const { reader } = routeOf(header, plan.selection)
  const input = inputOf(plan, setup.bundled.path)
  const { proxy, thumbnail } = looksOf(plan, input, setup.bundled.path)
  if (reader === "converted" || proxy.kind === "bake" || thumbnail.kind === "bake") return { order: null, plan }
  const pixels = pixelPlan(plan, { input, looks: { proxy, thumbnail } })
  const order: DrawOrder | null =
    pixels === null ? null : { sourceFile, header, selection: plan.selection, reader, plan: pixels }
  return { order, plan }
}
