import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { must, type Took, timed } from "./processes.ts"

export const PROGRAM = new URL("../bin/oiio-proxy-generator", import.meta.url).pathname

export type EngineName = "in-process" | "oiiotool"

/** `run` on a folder that knows nothing of an earlier one: state, outputs and what is kept about them are gone. */
export async function wholeLine(frames: string, engine: EngineName, program = PROGRAM): Promise<Took> {
  const count = await forgotten(frames)
  const took = await timed(async () => void (await must(program, ["run", frames, "--engine", engine])))
  await allWereMade(frames, count)
  return took
}

/** Fails where a frame has no proxy. */
export async function allWereMade(frames: string, count: number): Promise<void> {
  const made = (await readdir(join(frames, ".proxies"))).filter((name) => name.endsWith("_proxy.mp4")).length
  if (made !== count) throw new Error(`frames: ${made} of ${count} were made`)
}

/** Removes what an earlier run left; gives the number of frames. */
export async function forgotten(frames: string): Promise<number> {
  const names = await readdir(frames)
  const left = names.filter((name) => name.startsWith("."))
  for (const name of left) await rm(join(frames, name), { recursive: true })
  return names.length - left.length
}
