import { PROJECTOR, RENDERER } from "../../topology/graph.ts"
import type { Observation } from "../../topology/ports.ts"
import { folderOf } from "../element/key.ts"
import { done, type Failure, type Result } from "../events/result.ts"
import { queuedArrivals } from "../ingest/listing/queued-arrivals.ts"
import { queueOf } from "./queue.ts"
import type { Projector, Worker } from "./roles.ts"

/** Frames that cannot be rendered until somebody may write into their folders. */
export type BlockedFrames = {
  /** Why not, each reason once. */
  readonly failures: readonly Failure[]
  /** How many frames wait. */
  readonly frames: number
}

/** Watches for folders that cannot be written. */
export type BlockedFolders = {
  readonly observe: (observation: Observation) => void
  /** Null while the renderer can do anything else. Asked once nothing more is brought in. */
  readonly blocked: () => Promise<Result<BlockedFrames | null>>
}

type Watched = Pick<Worker["ports"] & Projector["ports"], "log" | "table" | "clock">

/** Knows when all that the renderer has left to do waits for folders that cannot be written. */
export function openBlockedFolders({ log, table, clock }: Watched): BlockedFolders {
  const aside = new Map<string, { readonly folder: string; readonly why: Failure }>()
  let underway = 0
  const allWait = (): boolean => aside.size > 0 && aside.size === underway
  return {
    observe: (observation) => {
      if (!("topology" in observation) || observation.topology !== RENDERER.name) return
      if (observation.kind === "taken") underway += 1
      else if (observation.kind !== "set-aside" && observation.kind !== "taken-up") underway -= 1
      else {
        const { kind, bucket, key, why } = observation
        if (kind === "set-aside") aside.set(`${bucket}/${key}`, { folder: bucketFolderOf({ bucket, key }), why })
        else aside.delete(`${bucket}/${key}`)
      }
    },
    blocked: async () => {
      const nothingElse = done(null)
      if (!allWait()) return nothingElse
      const lag = await log.lag(PROJECTOR.group)
      if (!lag.ok) return lag
      if (lag.value.some((position) => position.lag > 0)) return nothingElse
      // The log holds back what lies in the same folders; whatever else it has not delivered yet has a row that says so.
      const folders = new Set([...aside.values()].map(({ folder }) => folder))
      const frames = await waitingIn(folders, { log, table, clock })
      if (!frames.ok) return frames
      if (frames.value === null || !allWait()) return nothingElse
      const failures = new Map([...aside.values()].map(({ why }) => [why.says, why]))
      return done({ failures: [...failures.values()], frames: frames.value })
    },
  }
}

const bucketFolderOf = ({ bucket, key }: { readonly bucket: string; readonly key: string }): string =>
  `${bucket}/${folderOf(key)}`

/** Frames that wait in these folders; null where one waits in another. */
async function waitingIn(folders: ReadonlySet<string>, { log, table, clock }: Watched): Promise<Result<number | null>> {
  const queued = await queuedArrivals(queueOf({ log, clock }))
  if (!queued.ok) return queued
  let frames = 0
  for await (const row of table.elements({ states: ["queued"] })) {
    if (!row.ok) return row
    if (folders.has(bucketFolderOf(row.value))) {
      frames += 1
      continue
    }
    const held = await queued.value.holds(row.value)
    if (!held.ok) return held
    if (held.value) return done(null)
  }
  return done(frames)
}
