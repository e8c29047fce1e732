import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { link, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { installPeerPackages } from "../test/services/install/python-clients.ts"
import { allWereMade, forgotten, PROGRAM } from "./frames-line.ts"
import type { PeersRow } from "./peers-rows.ts"
import { must, run, type Took } from "./processes.ts"

const PIPELINE = new URL("../../shared/peers/pipeline.py", import.meta.url).pathname
const script = (name: string): string => new URL(`./peers-${name}.py`, import.meta.url).pathname

/** Python and the environment in which the peer's packages are found. */
export type Peer = { readonly python: string; readonly env: NodeJS.ProcessEnv }

/** The peer, installing its packages where they are missing; a sentence where this machine cannot have it. */
export async function openPeer(): Promise<Peer | string> {
  if (!existsSync(PIPELINE)) return "peers: shared/peers/pipeline.py is not beside this checkout; left out."
  // The interpreter itself: a launcher in front of it would count against the peer.
  const asked = await run("python3", ["-c", "import sys; print(sys.executable)"]).catch(missingProgram)
  if (asked === null || asked.code !== 0) return "peers: there is no python3 on this machine; left out."
  const packages = await installPeerPackages()
  return { python: asked.stdout.trim(), env: { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" } }
}

function missingProgram(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
  throw error
}

/** A new folder in `place` with so many frames of the row; frames once made are kept for the next run. */
export async function framesOf({ picture, name }: PeersRow, count: number, { place, peer }: Where): Promise<string> {
  const recipe = `${JSON.stringify(picture)}${await readFile(script("frames"), "utf8")}`
  const digest = createHash("sha256").update(recipe).digest("hex").slice(0, 12)
  const kept = join(tmpdir(), "bench-peers-frames", `${name}-${digest}`)
  await mkdir(kept, { recursive: true })
  await must(peer.python, [script("frames"), kept, String(count), JSON.stringify(picture)], { env: peer.env })
  const frames = join(place, name)
  await mkdir(frames, { recursive: true })
  const names = (await readdir(kept)).filter((frame) => frame.startsWith("frame.")).sort()
  for (const frame of names.slice(0, count)) await link(join(kept, frame), join(frames, frame))
  return frames
}

type Where = { readonly place: string; readonly peer: Peer }

async function measured({ python, env }: Peer, command: readonly string[], more = {}): Promise<Took> {
  const { stdout } = await must(python, [script("measure"), ...command], { env: { ...env, ...more } })
  return JSON.parse(stdout) as Took
}

/** The peer over a folder of frames; its outputs are left in `place`. */
export async function peersLine(frames: string, { place, peer }: Where): Promise<Took> {
  const out = join(place, "peers-out")
  await mkdir(out, { recursive: true })
  const names = (await readdir(frames)).filter((name) => !name.startsWith("."))
  const took = await measured(peer, [peer.python, PIPELINE, out, ...names.map((name) => join(frames, name))])
  for (const name of names)
    if (!existsSync(join(out, `${name}.mp4`))) throw new Error(`peers: the peer made nothing of ${name}`)
  return took
}

/**
 * Ours over the same folder, which it does not know yet. The peer takes all samples for light and makes no movie of them, so ours
 * is told to do the same.
 */
export async function ourLine(frames: string, { place, peer }: Where): Promise<Took> {
  const count = await forgotten(frames)
  const took = await measured(peer, [PROGRAM, "run", frames], await ourEnvironment(place))
  await allWereMade(frames, count)
  return took
}

export async function ourEnvironment(place: string): Promise<NodeJS.ProcessEnv> {
  const config = join(place, "settings.yaml")
  const colour = 'colourRules:\n  - { prefix: "", inputSpace: lin_rec709 }\n'
  await writeFile(config, `${colour}sequenceRules:\n  - { prefix: "", sequence: never }\n`)
  return { OIIO_CONFIG: config }
}

/** PSNR in dB of our proxy of the first frame against the peer's: both have run. */
export async function likeness(frames: string, { place, peer }: Where): Promise<number> {
  const [first = ""] = (await readdir(frames)).filter((name) => !name.startsWith(".")).sort()
  const ours = join(frames, ".proxies", first.replace(/\.\w+$/, "_proxy.mp4"))
  const theirs = join(place, "peers-out", `${first}.mp4`)
  const { stdout } = await must(peer.python, [script("likeness"), ours, theirs], { env: peer.env })
  return Number(stdout)
}
