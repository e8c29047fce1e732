import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endingsOf } from "../src/config/table-folder.ts"
import { findInstallation, type Installation } from "../src/deployment/deployment-target.ts"
import { open, openTarget } from "../src/deployment/index.ts"
import { queueOf } from "../src/deployment/queue.ts"
import { type EmbeddedPorts, runUntilDone } from "../src/deployment/run-embedded.ts"
import type { Result } from "../src/events/result.ts"
import { openExpectedArrivals } from "../src/ingest/listing/expected.ts"
import { listFolder } from "../src/ingest/listing/look.ts"
import type { PictureEngine } from "../src/picture/index.ts"
import { systemClock } from "../src/system/clock.ts"
import type { Observation } from "../topology/ports.ts"
import { okOf } from "./report.ts"

export type MadeFrames = { readonly frames: number; readonly bytesOf: (number: number) => Uint8Array }

/** A folder of frames on the disk of temporary files, removed in the end. */
export async function withFrames(
  { frames, bytesOf }: MadeFrames,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), "bench-line-"))
  const folder = join(place, "shots")
  await mkdir(folder)
  for (let number = 0; number < frames; number++)
    await writeFile(join(folder, `frame.${String(number).padStart(6, "0")}.exr`), bytesOf(number))
  try {
    await work(folder)
  } finally {
    await rm(place, { recursive: true })
  }
}

export type FolderLine = {
  readonly env: Readonly<Record<string, string>>
  /** What takes the real engine's place. */
  readonly picture: (real: PictureEngine) => PictureEngine
  readonly observe: (observation: Observation) => void
  /** Ends the run before all is done; absent for never. */
  readonly stop?: AbortSignal
  /** Absent for frames alone. */
  readonly sequences?: "made"
  /** All is done and every row is written; processes still run. */
  readonly onDone?: () => void
  readonly onListed?: () => void
  /** Told of each frame that the listing finds to be done, and of those that it is still to find. */
  readonly onArrival?: (toCome: number | null) => void
}

/** What `run` does over a folder, in this process, with another engine. */
export async function runFolder(folder: string, line: FolderLine): Promise<void> {
  const { env, picture, observe, stop, sequences, onDone, ...told } = line
  const query = { env: { PATH: process.env.PATH, ...env }, cwd: folder, flags: {} }
  const installation = okOf(findInstallation(query, folder))
  const surroundings = { clock: systemClock, observeKafka: () => undefined }
  const { records } = okOf(
    await openTarget({ kind: "folder", installation }, { mode: "own", command: "run" }, surroundings),
  )
  const target = { kind: "folder", installation, records } as const
  const roles = okOf(await open(target, ["worker", "projector"], { ...surroundings, env: query.env, io: process }))
  if (roles.worker === null || roles.projector === null) throw new Error("folder-line: a role was not opened")
  const opened = { ...roles.worker.ports, ...roles.projector.ports }
  const made = sequences === "made" ? roles.worker.sequences : null
  const ports = { ...opened, sequences: made, picture: picture(opened.picture) }
  const never = new AbortController().signal
  const ended = await runUntilDone({
    ports,
    interrupts: { drain: stop ?? never, abort: never, cause: () => null },
    observe,
    feed: (signal) => listed(ports, installation, { ...told, signal }),
    endsWhenBlocked: true,
    settlesAtEnd: true,
  })
  onDone?.()
  if (ended.kind !== "done" && ended.kind !== "stopped") throw new Error(`folder-line: ended ${JSON.stringify(ended)}`)
  await roles.close()
  await records.close()
}

type Told = Pick<FolderLine, "onListed" | "onArrival"> & { readonly signal: AbortSignal }

async function listed(
  ports: EmbeddedPorts,
  { bucket, config }: Installation,
  { signal, onListed, onArrival }: Told,
): Promise<Result<void>> {
  const scanned = { bucket, endings: endingsOf(config) }
  const expected = openExpectedArrivals(ports, scanned)
  const ended = new AbortController()
  const counted = expected.count(AbortSignal.any([signal, ended.signal]))
  const found = await listFolder(
    { ...ports, append: ports.log.append, queue: queueOf(ports) },
    {
      ...scanned,
      signal,
      onDecision: (_, decision) => {
        expected.note(decision)
        if (decision.kind === "arrived") onArrival?.(expected.toCome())
      },
    },
  )
  ended.abort()
  onListed?.()
  return found.ok ? counted : found
}
