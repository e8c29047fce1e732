// What a review copy shows of a movie: worked out of the movie's fact and its manifest.

import { frameNameOf } from "../../src/element/frame-name.ts"
import type { MovieMade, MovieOutput, Sequence } from "../../src/events/records.generated.ts"
import type { ReviewFrame, ReviewOrder } from "../../src/picture/index.ts"
import type { ReviewWish } from "./review.ts"
import { spanOf } from "./revision.ts"

/** A made frame, as the manifest of a movie lists it. */
export type ListedFrame = {
  readonly frame: number
  /** Of its source. */
  readonly key: string
  readonly sourceVersion: string
  readonly renderKey: string
  /** Names the picture by the bytes of its source; null where those were not known. */
  readonly pictureKey: string | null
  readonly madeAtMs: number
  readonly proxy: { readonly key: string; readonly etag: string }
}

export type ReviewSubject = {
  readonly made: MovieMade & { readonly movie: MovieOutput }
  /** Ascending. */
  readonly frames: readonly ListedFrame[]
}

export function reviewOrderOf({ made, frames }: ReviewSubject, wish: ReviewWish): ReviewOrder {
  const { sequence, movie, failed, missing, revision } = made
  const { width, height, frameRate: rate, timecode } = movie
  const facts = factsOf(sequence, frames[0], wish)
  const slate = [
    ["Shot", facts.shot],
    ["Version", facts.version],
    ["Folder", `${sequence.bucket}/${sequence.folder}`],
    ["Name", facts.name],
    ["Failed", failed],
    ["Missing", missing],
    ["Revision", revision],
  ] as const
  return {
    ...{ width, height, rate, timecode, facts },
    frames: shownFrames({ made, frames }),
    slate: slate.filter(([, value]) => value !== ""),
    ...{ handles: wish.handles, texts: wish.texts, crf: wish.crf, preset: wish.preset },
  }
}

/** As the movie shows them: in the place of one that is not made the one before is held, or the first there is. */
function shownFrames({ made, frames }: ReviewSubject): readonly ReviewFrame[] {
  const { first, last } = spanOf(made)
  const inside = frames.flatMap((frame, picture) =>
    frame.frame >= first && frame.frame <= last ? [{ frame, picture }] : [],
  )
  if (made.gaps !== "hold") return inside.map(({ frame, picture }) => shown(frame.frame, frame, picture))
  let next = 0
  return Array.from({ length: inside.length === 0 ? 0 : last - first + 1 }, (_, place) => {
    while (next + 1 < inside.length && (inside[next + 1]?.frame.frame ?? 0) <= first + place) next++
    const { frame, picture } = inside[next] as { frame: ListedFrame; picture: number }
    return shown(first + place, frame, picture)
  })
}

const shown = (
  number: number,
  { frame, sourceVersion, renderKey, pictureKey, madeAtMs }: ListedFrame,
  picture: number,
): ReviewFrame => ({
  ...{ number, shows: frame, picture },
  identity: pictureKey ?? JSON.stringify([sourceVersion, renderKey]),
  date: new Date(madeAtMs).toISOString().slice(0, 10),
})

/** What texts may name, beside what each frame has of its own. */
type ShotFacts = Readonly<Record<"shot" | "version" | "name" | "folder" | "bucket", string>>

function factsOf(sequence: Sequence, first: ListedFrame | undefined, { shotFolder }: ReviewWish): ShotFacts {
  const { bucket, folder, head, tail } = sequence
  const version = first === undefined ? null : (frameNameOf(first.key, "always")?.version ?? null)
  const folders = folder.split("/").filter((name) => name !== "")
  const named = shotFolder === null ? undefined : folders.at(shotFolder > 0 ? shotFolder - 1 : shotFolder)
  const shot = named ?? (withoutVersion(head) || (folders.at(-1) ?? bucket))
  return { shot, version: version === null ? "" : `v${version}`, name: `${head}#${tail}`, folder, bucket }
}

/** `sh010_comp_v003.` → `sh010_comp` */
const withoutVersion = (head: string): string =>
  head.replace(/(^|[._\- ])[vV]\d+(?=[._\- ]|$)/g, "").replace(/^[._\- ]+|[._\- ]+$/g, "")
