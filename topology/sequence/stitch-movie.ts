import { fileNameOf } from "../../src/element/key.ts"
import { madeAtMs, madeFromMetadata, pictureIn } from "../../src/element/output-metadata.ts"
import { done, type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import type { Illustrations, MovieOrder, ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectHead } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import { asking, framesText } from "./ask-again.ts"
import {
  type Assembled,
  type AssemblerPorts,
  heldOf,
  outputOf,
  STITCHING,
  type StoredOutputs,
  versionOf,
} from "./assemble.ts"
import { compareSources } from "./compare-sources.ts"
import type { PicturesFound } from "./find-pictures.ts"
import { illustrated } from "./illustrate-movie.ts"
import {
  COMPANIONS,
  MANIFEST,
  MOVIE,
  type MOVIE_OUTPUTS,
  type MovieMade,
  movieMetadata,
  outputMetadata,
} from "./movie-outputs.ts"
import { fetchSound } from "./movie-sound.ts"
import { type FoundProxy, framesOf } from "./revision.ts"

type Found = Extract<PicturesFound, { pictures: "found" }>

/**
 * The movie last, so that who finds it finds the rest, too. Each is put over exactly what was there when the name was
 * claimed: of two that make different revisions, the one that looked first looks again.
 */
export const stitchMovie: Step<Found, Assembled, AssemblerPorts> = {
  name: STITCHING,
  says: "stitches the proxies to a movie, draws its poster and scrub sheet, and stores it behind all that belongs to it; a proxy that moved on starts again",
  needs: { permit: "sourcesHeld", until: "step" },
  run: async (state, ports, { signal, hold }) => {
    const { settled, proxies, begunMs } = state
    const sizeBytes = proxies.reduce((sum, { head }) => sum + head.sizeBytes, state.sound?.sizeBytes ?? 0)
    const scratch = await ports.scratch.open(sizeBytes)
    if (!scratch.ok) return scratch
    hold(() => scratch.value.remove())
    const sound = await fetchSound(state.sound, ports, { scratch: scratch.value, signal })
    if (!sound.ok) return sound
    const toFile = scratch.value.sourceFile(".mp4")
    const file = await ports.movies.stitch(orderOf(state, ports, { signal, toFile, sound: sound.value }))
    if (!file.ok && file.failure.code === "sequence/unlike")
      return renderedAgain(state, file.failure, { ports, signal })
    if (!file.ok) return file
    const pictures = await illustrated(state, ports, { signal, folder: scratch.value.folder, movie: file.value })
    if (!pictures.ok) return pictures
    const { files } = pictures.value
    const { rate: frameRate, ...of } = file.value
    const heard = { soundVersion: versionOf(state.sound), warnings: [...of.warnings, ...pictures.value.warnings] }
    const companions = COMPANIONS.map(({ name }) => name).filter((name) => files[name] !== undefined)
    const times = { generatedAtUs: ports.store.nowMs() * 1000, processingTimeSeconds: tookSeconds(begunMs, ports) }
    const made: MovieMade = { ...of, frameRate, held: heldOf(settled), companions, ...heard, ...times }
    const stored = await storeAll(state, ports, { scratch: scratch.value, files, made })
    if (!stored.ok) return stored
    return done({ state: { settled, begunMs, output: outputOf(stored.value, made, settled), made, reused: false } })
  },
}

/**
 * Proxies that an earlier recipe or other settings made are asked for as they would be made today. Where all are as they
 * should be, making them again would change nothing, and that they are unlike is for a person.
 */
async function renderedAgain(
  { settled, begunMs, proxies }: Found,
  unlike: Failure,
  using: { readonly ports: AssemblerPorts; readonly signal: AbortSignal },
): Promise<Result<{ readonly state: Assembled }>> {
  const compared = await compareSources(settled.sequence.bucket, proxies, using)
  if (!compared.ok) return compared
  const files = compared.value.filter(({ standing }) => standing !== "current")
  if (files.length === 0) return failed(unlike)
  const says = `The proxies of frames ${framesText(files)} are unlike the others. They are rendered again, then the movie is made.`
  return done({ state: asking({ settled, begunMs }, files, failure("sequence/unlike", says), { force: true }) })
}

const tookSeconds = (begunMs: number, { clock }: AssemblerPorts): number => (clock.nowMs() - begunMs) / 1000

function orderOf(
  { settled, proxies }: Found,
  { store, settingsFor }: AssemblerPorts,
  how: Pick<MovieOrder, "signal" | "toFile" | "sound">,
): MovieOrder {
  const { bucket } = settled.sequence
  return {
    ...{ ...framesOf(settled), ...how },
    encoding: settingsFor({ bucket, key: proxies[0]?.key ?? "" }),
    timecodes: timecodesIn(proxies),
    read: async (picture, start, end) => {
      const { head } = proxies[picture] as FoundProxy
      const bytes = await store.readRange(head, { start, end, ifMatch: head.etag, signal: how.signal })
      return bytes.ok || !isChange(bytes.failure.code) ? bytes : failed(failure("source/changed", bytes.failure.says))
    },
  }
}

/** Of the frames whose headers state one. */
function* timecodesIn(proxies: readonly FoundProxy[]): Generator<{ readonly frame: number; readonly text: string }> {
  for (const { frame, key, head } of proxies) {
    const text = madeFromMetadata(head.metadata, fileNameOf(key))?.selection.timecode
    if (typeof text === "string") yield { frame, text }
  }
}

/** What was there a moment ago is another version now, or gone: HEAD tells which. */
const isChange = (code: string): boolean => code === "store/precondition-failed" || code === "store/missing"

type Made = { readonly scratch: ScratchFolder; readonly files: Illustrations["files"]; readonly made: MovieMade }

async function storeAll(
  state: Found,
  { store, movies, policy }: AssemblerPorts,
  { scratch, files, made }: Made,
): Promise<Result<StoredOutputs>> {
  const { settled, claims } = state
  const manifestFile = scratch.sourceFile(".json")
  const written = await movies.write(manifestFile, manifestOf(state, made))
  if (!written.ok) return written
  const put = async ({ name, contentType }: (typeof MOVIE_OUTPUTS)[number], file: string) => {
    const { ref, head } = claims[name]
    const tags = { media_type: name, generator: "oiio-proxy-generator", version: policy.generatorVersion }
    const over = head === null ? { ifAbsent: true } : { ifMatch: head.etag }
    const metadata = name === MOVIE.name ? movieMetadata(settled, made) : outputMetadata(settled)
    const stored = await store.put(ref, file, { contentType, tags, metadata, ...over })
    if (stored.ok || stored.failure.code !== "store/precondition-failed") return stored
    return failed(failure("source/changed", stored.failure.says))
  }
  const manifest = await put(MANIFEST, manifestFile)
  if (!manifest.ok) return manifest
  const companions: ObjectHead[] = []
  for (const companion of COMPANIONS) {
    const file = files[companion.name]
    const stored = file === undefined ? null : await put(companion, file)
    if (stored?.ok === false) return stored
    if (stored !== null) companions.push(stored.value)
  }
  const movie = await put(MOVIE, scratch.sourceFile(".mp4"))
  return movie.ok ? done({ manifest: manifest.value, companions, movie: movie.value, sound: state.sound }) : movie
}

/** JSON with a line for each frame that is made. */
function* manifestOf(
  { settled, proxies, claims }: Found,
  { generatedAtUs, processingTimeSeconds: _, companions, warnings, ...movie }: MovieMade,
): Generator<string> {
  const { sequence, revision, made, failed, missing, stated, gaps, report } = settled
  const files = Object.fromEntries([MOVIE.name, ...companions].map((name) => [name, claims[name].ref.key]))
  const about = {
    sequence,
    revision,
    made,
    failed,
    missing,
    stated,
    gaps,
    generatedAtUs,
    movie,
    files,
    warnings,
    report,
  }
  yield `${JSON.stringify(about).slice(0, -1)},"frames":[`
  for (const [at, proxy] of proxies.entries()) yield `${at === 0 ? "" : ","}\n${JSON.stringify(entryOf(proxy))}`
  yield "\n]}\n"
}

function entryOf({ frame, key, head }: FoundProxy) {
  const details = madeFromMetadata(head.metadata, fileNameOf(key))
  const proxy = { key: head.key, sizeBytes: head.sizeBytes, etag: head.etag }
  const { pictureKey = null, contentHash = null, contentSha256 = null, allBlack = null, warnings = [] } = details ?? {}
  const shown = {
    ...pictureIn(head.metadata),
    pictureKey,
    contentHash,
    contentSha256,
    madeAtMs: madeAtMs(head.metadata),
  }
  return { frame, key, ...shown, proxy, allBlack, warnings }
}
