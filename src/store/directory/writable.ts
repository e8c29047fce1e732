import { open, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { done, type Failure, failed, failure, type Result } from "../../events/result.ts"
import { type Clock, systemClock } from "../../system/clock.ts"
import { attempt, orNull } from "../file-errors.ts"
import { type ObjectFile, PROBE_PREFIX, quoted, rootLost, statOrNull } from "./object-file.ts"
import { isPlain, linkRefused } from "./plain-folder.ts"

/** The same for all who ask, so that what a killed process left is removed by the next who asks. */
const PROBE_NAME = `${PROBE_PREFIX}writable`

/** How long an answer holds. A later change shows when a file is stored, which asks anew. */
const REMEMBERED_MS = 10_000

export type Writable = {
  /** Whether files can be stored in the place's folder. Fails store/read-only, or as storing would. */
  readonly check: (object: ObjectFile) => Promise<Result<void>>
  /** A refusal to store, as what it is: the folder's (store/read-only) or the object's own. */
  readonly explained: <T>(object: ObjectFile, stored: Result<T>) => Promise<Result<T>>
}

type Answer = { readonly result: Promise<Result<void>>; readonly atMs: number }

/** Asks once per folder and for a while, however many frames it holds. */
export function openWritable(clock: Pick<Clock, "steadyMs"> = systemClock): Writable {
  const answers = new Map<string, Answer>()
  const check = async (object: ObjectFile): Promise<Result<void>> => {
    const nowMs = clock.steadyMs()
    const remembered = (folder: string) => {
      const known = answers.get(folder)
      return known !== undefined && nowMs - known.atMs < REMEMBERED_MS ? known.result : null
    }
    const ofItsOwn = remembered(object.folder)
    if (ofItsOwn !== null) return ofItsOwn
    const folder = await nearestFolder(object)
    const known = remembered(folder)
    if (known !== null) return known
    const result = probe(object, folder)
    answers.set(folder, { result, atMs: nowMs })
    return result
  }
  return {
    check,
    explained: async (object, stored) => {
      if (stored.ok || stored.failure.code !== "store/denied") return stored
      for (const folder of [object.folder, await nearestFolder(object)]) answers.delete(folder)
      const now = await check(object)
      return !now.ok && now.failure.code === "store/read-only" ? now : stored
    },
  }
}

/** The folder that is there, from the place's own upwards: those below it are made in it. Ends at the bucket's root. */
async function nearestFolder({ folder, bucket: { root } }: ObjectFile): Promise<string> {
  let nearest = folder
  while (nearest !== root && !(await isThere(nearest))) nearest = dirname(nearest)
  return nearest
}

/** One that cannot be looked at is not asked for its parents either. */
const isThere = async (folder: string): Promise<boolean> => {
  const looked = await attempt("read", folder, async () => done((await statOrNull(folder)) !== null))
  return !looked.ok || looked.value
}

/**
 * Makes a file and removes it: rights alone do not tell of read-only mounts, squashed owners or rules of a server. A link
 * is refused before it is followed.
 */
async function probe({ bucket, what }: ObjectFile, folder: string): Promise<Result<void>> {
  const lost = await rootLost(bucket)
  if (lost !== null) return lost
  const made = await attempt("write", what, async () => {
    if (!(await isPlain(folder))) return done("link" as const)
    const path = join(folder, PROBE_NAME)
    // One that is there was left by a process that was killed here, or another asks right now: to remove it says as much.
    await (await open(path, "wx").catch(orNull("EEXIST")))?.close()
    await unlink(path).catch(orNull("ENOENT"))
    return done("written" as const)
  })
  if (made.ok) return made.value === "link" ? linkRefused(what) : done(undefined)
  return failed(made.failure.code === "store/denied" ? readOnly(folder, made.failure) : made.failure)
}

const readOnly = (folder: string, { says }: Failure): Failure => {
  const errno = /\(([A-Z]+)\)\.$/.exec(says)?.[1]
  return failure(
    "store/read-only",
    `Outputs cannot be written in the folder ${quoted(folder)}${errno === undefined ? "" : ` (${errno})`}: give this user the right to write there, mount it writable, or have outputs elsewhere (--outputs); nothing is rendered for it until then.`,
  )
}
