import { basename } from "node:path"
import { encodeHere } from "../src/picture/encode/encode-here.ts"
import { carryOut, type DrawOrder } from "../src/picture/engines/in-process/render-order.ts"
import { openReader, routeOf } from "../src/picture/engines/own-readers.ts"
import { plannedOutputs } from "../src/picture/engines/plan.ts"
import { openSetup, planFor } from "../src/picture/engines/setup.ts"
import { SETTINGS } from "../src/picture/engines/testing/readings.ts"
import { nativeEncoders } from "../src/picture/native/encoders.ts"
import { libraryPath, loadNativeLibrary, type NativeLibrary } from "../src/picture/native/library.ts"
import { inputOf, looksOf, pixelPlan } from "../src/picture/pixels/plan.ts"
import { readHeader } from "../src/picture/read/header/read.ts"
import { decideReading, readLocalHeader } from "../src/picture/read/reading.ts"
import { packageFolder } from "../src/picture/tools/find-tool.ts"
import { cpuSeconds } from "./processes.ts"
import { median, okOf, row } from "./report.ts"

const TIMES = 5

/**
 * What cannot be left out of a frame, each alone and warm: reading it, reading and shrinking it, encoding its outputs. By the
 * native library where it is there, as render processes do it.
 */
export async function benchFloor(sourceFile: string): Promise<void> {
  const loaded = loadNativeLibrary(libraryPath(await packageFolder()))
  const library = loaded.ok ? loaded.value : null
  const { order, plan } = await orderFor(sourceFile, library)
  if (order === null) return
  const draw = () => okOf(carryOut(order, openReader, library))
  const shares: number[] = []
  const both = await cpuMs(async () => {
    const { decode, pixels } = draw().timingsMs
    shares.push(decode / (decode + pixels))
  })
  const { canvases } = draw()
  const outputs = plannedOutputs(plan).map((output) => ({ output, plan }))
  const native = library === null ? null : nativeEncoders(library)
  const encode = await cpuMs(async () => void okOf(await encodeHere(outputs, canvases, native)))
  const how = library === null ? "without the native library" : "by the native library"
  row("floor: reading alone", `${(median(shares) * both).toFixed(0)} ms`, `CPU, median, one thread, ${how}`)
  row("floor: reading, shrinking and colour", `${both.toFixed(0)} ms`)
  row("floor: encoding alone", `${encode.toFixed(0)} ms`, library === null ? "stills alone: ffmpeg makes movies" : "")
}

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
async function orderFor(sourceFile: string, library: NativeLibrary | null) {
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
  const { reader } = routeOf(header, plan.selection, library !== null)
  const input = inputOf(plan, setup.bundled.path)
  const { proxy, thumbnail } = looksOf(plan, input, setup.bundled.path)
  if (reader === "converted" || proxy.kind === "bake" || thumbnail.kind === "bake") return { order: null, plan }
  const pixels = pixelPlan(plan, { input, looks: { proxy, thumbnail } })
  const order: DrawOrder | null =
    pixels === null ? null : { sourceFile, header, selection: plan.selection, reader, plan: pixels }
  return { order, plan }
}
