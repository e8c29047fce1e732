import { endingOf } from "../../src/element/key.ts"
import { type Failure, failure } from "../../src/events/failure.ts"
import { factIdOf } from "../../src/events/identity.ts"
import { done, failed, type Result } from "../../src/events/result.ts"
import type { ScratchFolder } from "../../src/picture/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import type { Semaphore } from "../../src/system/semaphore.ts"
import type { Step, Stepped, Work } from "../flow/element-in-flight.ts"
import type { RendererPorts } from "../ports.ts"
import { etagOf, gone } from "./find-source.ts"
import type { Located } from "./locate-source.ts"

export type Fetched = Located & {
  readonly fetchMs: number
  /** The fetched bytes, and the folder for what becomes of them; null when the outputs are current. */
  readonly local: Local | null
  /** XXH3-128 of the source's bytes; null where nothing was fetched and the outputs do not tell. */
  readonly contentHash: string | null
}

type Local = { readonly file: string; readonly folder: string }

/** GET with If-Match: bytes, mtime and row speak of the one version that HEAD saw. */
export const fetchSource = (lanes: { readonly sources: Semaphore }): Step<Located, Fetched> => ({
  name: "fetch-source",
  says: "GET with If-Match into scratch space; nothing when the outputs are current",
  appends: "source-fetched",
  closing: false,
  run: (ports) => async (state, work) => {
    if (state.made !== null) {
      const { contentHash } = state.made
      return done(stepped(ports, { ...state, local: null, contentHash, fetchMs: 0 }))
    }
    const fetched = await download(ports, lanes.sources, { state, work })
    return fetched.ok ? done(stepped(ports, { ...state, ...fetched.value })) : fetched
  },
})

type Room = { readonly folder: ScratchFolder; readonly release: () => Promise<void> }

async function download(
  { store, scratch, policy, clock }: RendererPorts,
  sources: Semaphore,
  { state, work }: { readonly state: Located; readonly work: Work },
): Promise<Result<Pick<Fetched, "local" | "contentHash" | "fetchMs">>> {
  const { ref, source } = state
  if (source.sizeBytes > policy.mostSourceBytes) return failed(tooLarge(ref, source.sizeBytes, policy.mostSourceBytes))
  const room = await roomFor(state, { scratch }, { sources, work })
  if (!room.ok) return room
  const { folder, release } = room.value
  const begunMs = clock.steadyMs()
  const toFile = folder.sourceFile(`.${endingOf(ref.key)}`)
  const options = { toFile, ifMatch: etagOf(source), maxBytes: policy.mostSourceBytes, signal: work.signal }
  const fetched = await store.fetch(ref, options)
  if (fetched.ok) {
    work.hold(release)
    const { contentHash } = fetched.value
    const fetchMs = clock.steadyMs() - begunMs
    return done({ local: { file: toFile, folder: folder.folder }, contentHash, fetchMs })
  }
  await release()
  return failed(asSourceFailure(fetched.failure, ref))
}

async function roomFor(
  { ref, source }: Located,
  { scratch }: Pick<RendererPorts, "scratch">,
  { sources, work }: { readonly sources: Semaphore; readonly work: Work },
): Promise<Result<Room>> {
  const leave = await sources.acquire(work.signal)
  if (leave === null) return failed(failure("stopped", `The fetch of ${ref.key} was interrupted.`))
  const opened = await scratch.open(source.sizeBytes)
  if (!opened.ok) {
    leave()
    return opened
  }
  const folder = opened.value
  return done({
    folder,
    release: async () => {
      await folder.remove()
      leave()
    },
  })
}

const tooLarge = ({ key }: ObjectRef, sizeBytes: number, most: number): Failure =>
  failure(
    "source/too-large",
    `${key} has ${sizeBytes} bytes, more than the limit of ${most}. Raise the limit to render it.`,
  )

/** What the store says of a source means more here: a lost precondition is a source that moved on. */
export function asSourceFailure(problem: Failure, ref: ObjectRef): Failure {
  if (problem.code === "store/missing") return gone(ref)
  if (problem.code === "store/too-large") return failure("source/too-large", problem.says)
  if (problem.code !== "store/precondition-failed") return problem
  return failure(
    "source/changed",
    `s3://${ref.bucket}/${ref.key} kept changing while it was read; \`failures retry\` tries again.`,
  )
}

function stepped(ports: RendererPorts, fetched: Fetched): Stepped<Fetched> {
  const { element, source, renderKey, reused, causationId, contentHash } = fetched
  const factId = factIdOf("source-fetched", element.elementId, source.sourceVersion)
  const value = {
    factId,
    causationId,
    recordedAtMs: ports.clock.nowMs(),
    element,
    source,
    renderKey,
    reused,
    contentHash,
  }
  return { state: { ...fetched, causationId: factId }, fact: { topic: "source-fetched", value } }
}
