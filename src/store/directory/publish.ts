import { link, rename, unlink } from "node:fs/promises"
import { join } from "node:path"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { errnoOf } from "../file-errors.ts"
import type { PutOptions } from "../index.ts"
import { withClaim } from "./claim.ts"
import { claimName } from "./keys.ts"
import { metadataFolderOf, type Place, statOrNull } from "./place.ts"
import { etagOf } from "./version.ts"

export type Condition = Pick<PutOptions, "ifMatch" | "ifAbsent">

/** Why the condition does not hold for the version that is there now (null: none); null when it holds. */
export function refusal(place: Place, etag: string | null, { ifMatch, ifAbsent }: Condition) {
  if (ifAbsent === true && etag !== null) return preconditionFailed(place, "exists already")
  if (ifMatch !== undefined && etag !== ifMatch) return preconditionFailed(place, "is not the version asked for")
  return null
}

export const preconditionFailed = (place: Place, why: string) =>
  failed(failure("store/precondition-failed", `${place.what} ${why}.`))

/**
 * Gives the finished upload its name, in one step. Where it must be the first, a hard link decides: it fails when the
 * name is taken, in any process. Everything else that has a condition, and file systems without hard links, take a claim
 * on the name, of which one wins and the others are refused at once: that binds the writers that ask for conditions, not
 * those that do not.
 */
export async function publish(
  place: Place,
  upload: string,
  condition: Condition,
  makeLink: typeof link = link,
): Promise<Result<void>> {
  if (condition.ifAbsent === true && condition.ifMatch === undefined) {
    const linked = await linkIfAbsent(makeLink, upload, place.path)
    if (linked === "taken") return preconditionFailed(place, "exists already")
    if (linked === "done") return done(await unlink(upload))
  } else if (condition.ifMatch === undefined) {
    return done(await rename(upload, place.path))
  }
  const published = await withClaim(join(metadataFolderOf(place), claimName(place.name)), async () => {
    const now = await statOrNull(place.path)
    return refusal(place, now && etagOf(now), condition) ?? done(await rename(upload, place.path))
  })
  return published ?? preconditionFailed(place, "is being written by somebody else")
}

const linkIfAbsent = (makeLink: typeof link, upload: string, path: string): Promise<"done" | "taken" | "cannot"> =>
  makeLink(upload, path).then(
    () => "done",
    (error: unknown) => {
      const code = errnoOf(error) ?? ""
      if (code === "EEXIST") return "taken"
      if (NO_HARD_LINKS.includes(code)) return "cannot"
      throw error
    },
  )

/** EPERM: the file system has none (FAT, some FUSE) or the kernel forbids it; EMLINK: the file has all it can have. */
const NO_HARD_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]
