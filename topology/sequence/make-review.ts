import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { ReviewJob, ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectHead, ObjectRef } from "../../src/store/index.ts"
import type { Attempt, Step } from "../flow/step.ts"
import {
  type ReviewEnd,
  type ReviewerPorts,
  type ReviewFacts,
  type ReviewLocated,
  reviewMetadata,
  reviewOutput,
} from "./review.ts"
import { type ListedFrame, reviewOrderOf } from "./review-order.ts"

type Outdated = Extract<ReviewLocated, { review: "outdated" }>

/** Put over exactly what was there when it was located: of two that make different copies, the first looks again. */
export const makeReview: Step<Outdated, ReviewEnd, ReviewerPorts> = {
  name: "make-review",
  says: "encodes a slate and the frames that changed, with what is known of them written over, of the proxies alone",
  needs: { permit: "rendersInFlight", until: "step" },
  run: async (state, ports, attempt) => {
    const { made, wish, place, begunMs } = state
    const manifest = { bucket: place.ref.bucket, key: made.movie.manifestKey }
    const frames = await listedFrames(ports.store, { ref: manifest, revision: made.revision, signal: attempt.signal })
    if (!frames.ok) return frames
    const order = reviewOrderOf({ made, frames: frames.value }, wish)
    if (order.frames.length !== made.movie.frames) return failed(failure("source/changed", MOVED_ON))
    const scratch = await ports.scratch.open(made.movie.sizeBytes)
    if (!scratch.ok) return scratch
    attempt.hold(() => scratch.value.remove())
    const job = jobOf(state, ports, { frames: frames.value, scratch: scratch.value, attempt })
    const file = await ports.reviews.make({ ...job, order })
    if (!file.ok) return file
    const { encoded: segmentsEncoded, kept: segmentsKept, ...of } = file.value
    const facts: ReviewFacts = {
      ...{ ...of, frameRate: order.rate, segmentsEncoded, segmentsKept },
      generatedAtUs: ports.store.nowMs() * 1000,
      processingTimeSeconds: (ports.clock.nowMs() - begunMs) / 1000,
    }
    const stored = await put(state, ports, { file: job.toFile, facts })
    if (!stored.ok) return stored
    const output = reviewOutput(state, facts, { ref: place.ref, sizeBytes: stored.value.sizeBytes })
    return done({ state: { made, wish, begunMs, output, facts, reused: false } })
  },
}

const MOVED_ON = "The manifest of the movie is another's by now."

function jobOf(
  { place: { ref, head, movie }, made }: Outdated,
  { store }: ReviewerPorts,
  {
    frames,
    scratch,
    attempt: { signal },
  }: { readonly frames: readonly ListedFrame[]; readonly scratch: ScratchFolder; readonly attempt: Attempt },
): Omit<ReviewJob, "order"> {
  const reading = async (from: ObjectRef, etag: string, [start, end]: readonly [number, number]) => {
    const bytes = await store.readRange(from, { start, end, ifMatch: etag, signal })
    const isChange =
      !bytes.ok && (bytes.failure.code === "store/precondition-failed" || bytes.failure.code === "store/missing")
    return isChange ? failed(failure("source/changed", bytes.failure.says)) : bytes
  }
  return {
    read: (picture, start, end) => {
      const { key, etag } = (frames[picture] as ListedFrame).proxy
      return reading({ bucket: ref.bucket, key }, etag, [start, end])
    },
    movie: made.movie.sound === null ? null : (start, end) => reading(movie, movie.etag, [start, end]),
    earlier: head === null ? null : (start, end) => reading(ref, head.etag, [start, end]),
    ...{ folder: scratch.folder, toFile: scratch.sourceFile(".mp4"), signal },
  }
}

async function put(
  state: Outdated,
  { store, policy }: ReviewerPorts,
  { file, facts }: { readonly file: string; readonly facts: ReviewFacts },
): Promise<Result<ObjectHead>> {
  const { ref, head } = state.place
  const stored = await store.put(ref, file, {
    contentType: "video/mp4",
    tags: { media_type: "review", generator: "oiio-proxy-generator", version: policy.generatorVersion },
    metadata: reviewMetadata(state, facts),
    ...(head === null ? { ifAbsent: true } : { ifMatch: head.etag }),
  })
  if (stored.ok || stored.failure.code !== "store/precondition-failed") return stored
  return failed(failure("source/changed", stored.failure.says))
}

/** Bytes of a manifest that are read at once. */
const PIECE = 2 ** 18

type Manifest = { readonly ref: ObjectRef; readonly revision: string; readonly signal: AbortSignal }

/**
 * The frames that a manifest lists, a line each behind the first. Fails: source/changed where it is gone, or another
 * revision's.
 */
async function listedFrames(
  store: ReviewerPorts["store"],
  { ref, revision, signal }: Manifest,
): Promise<Result<readonly ListedFrame[]>> {
  const frames: ListedFrame[] = []
  const head = await store.head(ref)
  if (!head.ok) return head.failure.code === "store/missing" ? failed(failure("source/changed", MOVED_ON)) : head
  if (head.value.metadata.revision !== revision) return failed(failure("source/changed", MOVED_ON))
  const { sizeBytes, etag } = head.value
  let rest = Buffer.alloc(0)
  for (let start = 0; start < sizeBytes; start += PIECE) {
    const bytes = await store.readRange(ref, { start, end: start + PIECE, ifMatch: etag, signal })
    if (!bytes.ok) return bytes
    const text = Buffer.concat([rest, bytes.value])
    const end = text.lastIndexOf(0x0a)
    rest = text.subarray(end + 1)
    for (const line of text.toString("utf8", 0, Math.max(0, end)).split("\n")) {
      const frame = frameIn(line)
      if (frame !== null) frames.push(frame)
    }
  }
  return done(frames)
}

/** The frame of a line; null for one that holds no frame of ours. */
function frameIn(line: string): ListedFrame | null {
  try {
    const said = JSON.parse(line.replace(/,$/, "")) as Partial<ListedFrame> | null
    const isFrame =
      Number.isSafeInteger(said?.frame) &&
      Number.isSafeInteger(said?.madeAtMs) &&
      (said?.pictureKey === null || isText(said?.pictureKey)) &&
      [said?.key, said?.sourceVersion, said?.renderKey, said?.proxy?.key, said?.proxy?.etag].every(isText)
    return isFrame ? (said as ListedFrame) : null
  } catch {
    return null
  }
}

const isText = (value: unknown): boolean => typeof value === "string"
