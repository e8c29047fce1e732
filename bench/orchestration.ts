import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { done } from "../src/events/result.ts"
import type { PictureEngine } from "../src/picture/index.ts"
import { writtenExr } from "../src/picture/samples/exr/testing/written-exr.ts"
import { systemClock } from "../src/system/clock.ts"
import type { Observation } from "../topology/ports.ts"
import { runFolder, withFrames } from "./folder-line.ts"
import { heading, median, row, target } from "./report.ts"

const FRAMES = 3000
const PLACES = 64
const RENDER_MS = 240
/** The first frames wait for the folder's listing and the last ones for each other: neither is the line's own speed. */
const [FROM, TO] = [0.1, 0.9]

/**
 * The whole line over a folder with everything that is real but the renders: listing, HEAD, fetch, hash, header, two outputs stored
 * durably, facts, rows. How many frames a second the main process can orchestrate, and what each costs it.
 */
export async function benchOrchestration(): Promise<void> {
  heading(`orchestration: ${FRAMES} frames of a folder, an engine that sleeps ${RENDER_MS} ms, ${PLACES} places`)
  await withFrames({ frames: FRAMES, bytesOf: tinyFrame }, async (folder) => {
    const madeMs: number[] = []
    const stepMs = new Map<string, number[]>()
    const observe = (observation: Observation): void => {
      if (observation.kind === "made") madeMs.push(performance.now())
      if (observation.kind === "failed") throw new Error(`orchestration: ${observation.failure.says}`)
      if (observation.kind === "step")
        stepMs.set(observation.step, [...(stepMs.get(observation.step) ?? []), observation.ms])
    }
    const begunMs = performance.now()
    const cpuBefore = process.cpuUsage()
    const mainBefore = process.threadCpuUsage()
    await runFolder(folder, {
      env: { OIIO_RENDERS_IN_FLIGHT: String(PLACES) },
      picture: sleepingEngine(RENDER_MS),
      observe,
    })
    const cpu = process.cpuUsage(cpuBefore)
    const main = process.threadCpuUsage(mainBefore)
    if (madeMs.length !== FRAMES) throw new Error(`orchestration: ${madeMs.length} frames were made`)
    const [from = 0, to = 0] = [madeMs[Math.floor(FRAMES * FROM)], madeMs[Math.floor(FRAMES * TO)]]
    const framesPerSecond = ((TO - FROM) * FRAMES * 1000) / (to - from)
    target({ what: "frames a second", measured: framesPerSecond, unit: "/s", atLeast: 200, digits: 0 })
    row("CPU per frame", `${((cpu.user + cpu.system) / FRAMES / 1000).toFixed(2)} ms`, "all threads of the process")
    row("CPU per frame of the main thread", `${((main.user + main.system) / FRAMES / 1000).toFixed(2)} ms`)
    row("first frame made after", `${((madeMs[0] ?? 0) - begunMs).toFixed(0)} ms`)
    for (const [step, taken] of stepMs) row(`  ${step}`, `${median(taken).toFixed(1)} ms`, "median")
  })
}

const SIDE = 16

/** A 16x16 half-float frame whose bytes are its own, so that no frame has outputs of another. */
export function tinyFrame(number: number): Uint8Array {
  const channels = ["B", "G", "R"].map((name) => ({
    name,
    pixelType: "half",
    xSampling: 1,
    ySampling: 1,
    samples: Uint32Array.from({ length: SIDE * SIDE }, (_, at) => 0x3000 + ((at * 7 + number) % 4096)),
  }))
  return writtenExr({
    parts: [
      { channels, dataWindow: { xMin: 0, yMin: 0, xMax: SIDE - 1, yMax: SIDE - 1 }, compression: "none", tiles: null },
    ],
    isMultiPart: false,
    order: (chunks) => Array.from({ length: chunks }, (_, at) => at),
  } as Parameters<typeof writtenExr>[0])
}

/** Reads headers as the real one does, and sleeps where that one renders. Writes outputs of common sizes. */
export const sleepingEngine =
  (renderMs: number) =>
  (real: PictureEngine): PictureEngine => ({
    ...real,
    missing: () => Promise.resolve([]),
    begin: () => undefined,
    render: async ({ folder, signal }) => {
      await systemClock.sleep(renderMs, signal)
      const file = async (name: string, sizeBytes: number) => {
        const path = join(folder, name)
        await writeFile(path, Buffer.alloc(sizeBytes, name))
        const picture = { x: 0, y: 0, width: 256, height: 256 }
        return { path, sizeBytes, width: 256, height: 256, picture, colorspace: "sRGB" }
      }
      return done({
        files: { thumbnail: await file("thumbnail.jpg", 20_000), proxy: await file("proxy.mp4", 200_000) },
        route: "sleeping",
        toolVersions: { sleeping: "1" },
        timingsMs: { render: renderMs },
        nonFiniteCount: 0,
        allBlack: false,
        nearlyBlack: false,
        thumbnailHash: "0123456789abcdef0123456789abcdef",
        warnings: [],
      })
    },
  })
