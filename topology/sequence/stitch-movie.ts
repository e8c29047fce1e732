import { fileNameOf } from "../../src/element/key.ts"
import { madeFromMetadata, pictureIn } from "../../src/element/output-metadata.ts"
import type { SequenceSettled } from "../../src/events/records.generated.ts"
import { done, failed, failure, type Result } from "../../src/events/result.ts"
import type { MovieOrder, ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectHead } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import { type Assembled, type AssemblerPorts, heldOf, outputOf } from "./assemble.ts"
import type { FoundProxy, PicturesFound } from "./find-pictures.ts"
import { MANIFEST, MOVIE, type MovieClaim, type MovieMade, movieMetadata } from "./movie-outputs.ts"
import { framesIn, spanOf } from "./revision.ts"

type Found = Extract<PicturesFound, { pictures: "found" }>

/**
 * The manifest first, so that who finds the movie finds it, too. Each is put over exactly what was there when the name was
 * claimed: of two that make different revisions, the one that looked first looks again.
 */
export const stitchMovie: Step<Found, Assembled, AssemblerPorts> = {
  name: "stitch-movie",
  says: "stitches the proxies to a movie, and stores it behind its manifest; a proxy that moved on starts again",
  needs: { permit: "sourcesHeld", until: "step" },
  run: async (state, ports, { signal, hold }) => {
    const { settled, proxies, claims, begunMs } = state
    const scratch = await ports.scratch.open(proxies.reduce((sum, { head }) => sum + head.sizeBytes, 0))
    if (!scratch.ok) return scratch
    hold(() => scratch.value.remove())
    const file = await ports.movies.stitch(orderOf(state, ports, { signal, toFile: scratch.value.sourceFile(".mp4") }))
    if (!file.ok) return file
    const { rate: frameRate, ...of } = file.value
    const times = { generatedAtUs: ports.store.nowMs() * 1000, processingTimeSeconds: tookSeconds(begunMs, ports) }
    const made: MovieMade = { ...of, frameRate, held: heldOf(settled), ...times }
    const stored = await storeBoth(state, ports, { scratch: scratch.value, made })
    if (!stored.ok) return stored
    const output = outputOf(claims, made, { settled, sizeBytes: stored.value.sizeBytes })
    return done({ state: { settled, begunMs, output, made, reused: false } })
  },
}

const tookSeconds = (begunMs: number, { clock }: AssemblerPorts): number => (clock.nowMs() - begunMs) / 1000

function orderOf(
  { settled, proxies }: Found,
  { store }: AssemblerPorts,
  { signal, toFile }: { readonly signal: AbortSignal; readonly toFile: string },
): MovieOrder {
  const gaps = settled.gaps === "skip" || settled.gaps === "error" ? settled.gaps : "hold"
  return {
    ...{ found: framesIn(settled.made), range: spanOf(settled), gaps, toFile },
    timecode: timecodeIn(proxies),
    read: async (picture, start, end) => {
      const { head } = proxies[picture] as FoundProxy
      const bytes = await store.readRange(head, { start, end, ifMatch: head.etag, signal })
      return bytes.ok || !isChange(bytes.failure.code) ? bytes : failed(failure("source/changed", bytes.failure.says))
    },
  }
}

/** That of the first frame whose header states one. */
function timecodeIn(proxies: readonly FoundProxy[]): MovieOrder["timecode"] {
  for (const { frame, key, head } of proxies.slice(0, MOST_LOOKED_AT)) {
    const text = madeFromMetadata(head.metadata, fileNameOf(key))?.selection.timecode
    if (typeof text === "string") return { frame, text }
  }
  return null
}

/** Frames whose headers are looked at for a timecode: a plate has one from its first frame on. */
const MOST_LOOKED_AT = 10

/** What was there a moment ago is another version now, or gone: HEAD tells which. */
const isChange = (code: string): boolean => code === "store/precondition-failed" || code === "store/missing"

async function storeBoth(
  { settled, proxies, claims }: Found,
  { store, movies, policy }: AssemblerPorts,
  { scratch, made }: { readonly scratch: ScratchFolder; readonly made: MovieMade },
): Promise<Result<ObjectHead>> {
  const manifest = scratch.sourceFile(".json")
  const written = await movies.write(manifest, manifestOf(settled, proxies, made))
  if (!written.ok) return written
  const metadata = movieMetadata(settled, made)
  const put = async (
    { ref, head }: MovieClaim,
    { name, contentType, file }: { readonly name: string; readonly contentType: string; readonly file: string },
  ): Promise<Result<ObjectHead>> => {
    const tags = { media_type: name, generator: "oiio-proxy-generator", version: policy.generatorVersion }
    const over = head === null ? { ifAbsent: true } : { ifMatch: head.etag }
    const stored = await store.put(ref, file, { contentType, tags, metadata, ...over })
    if (stored.ok || stored.failure.code !== "store/precondition-failed") return stored
    return failed(failure("source/changed", stored.failure.says))
  }
  const first = await put(claims.manifest, { ...MANIFEST, file: manifest })
  return first.ok ? put(claims.movie, { ...MOVIE, file: scratch.sourceFile(".mp4") }) : first
}

/** JSON with a line for each frame that is made. */
function* manifestOf(
  settled: SequenceSettled,
  proxies: readonly FoundProxy[],
  { generatedAtUs, processingTimeSeconds: _, ...movie }: MovieMade,
): Generator<string> {
  const { sequence, revision, made, failed, missing, stated, gaps } = settled
  const about = { sequence, revision, made, failed, missing, stated, gaps, generatedAtUs, movie }
  yield `${JSON.stringify(about).slice(0, -1)},"frames":[`
  for (const [at, proxy] of proxies.entries()) yield `${at === 0 ? "" : ","}\n${JSON.stringify(entryOf(proxy))}`
  yield "\n]}\n"
}

function entryOf({ frame, key, head }: FoundProxy) {
  const details = madeFromMetadata(head.metadata, fileNameOf(key))
  const proxy = { key: head.key, sizeBytes: head.sizeBytes, etag: head.etag }
  const { contentHash = null, allBlack = null, warnings = [] } = details ?? {}
  return { frame, key, ...pictureIn(head.metadata), contentHash, proxy, allBlack, warnings }
}
