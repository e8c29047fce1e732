import { rangesText } from "../../src/element/frame-ranges.ts"
import { fileNameOf } from "../../src/element/key.ts"
import { isOutputOf, pictureIn } from "../../src/element/output-metadata.ts"
import { candidateNames, outputRef } from "../../src/element/output-places.ts"
import { PROXY } from "../../src/element/profiles.ts"
import { done, type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import type { ObjectHead } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import type { AssemblerPorts, Outdated } from "./assemble.ts"
import { type FrameFile, filesOf, pictureNamed, revisionOfPictures } from "./revision.ts"

/** A frame and its proxy, as HEAD saw it. */
export type FoundProxy = FrameFile & { readonly head: ObjectHead }

/** The proxies are what the revision names, or something else by now. */
export type PicturesFound = Outdated &
  ({ readonly pictures: "found"; readonly proxies: readonly FoundProxy[] } | { readonly pictures: "changed" })

/** Proxies that are asked for side by side. */
const AT_ONCE = 16

export const findPictures: Step<Outdated, PicturesFound, AssemblerPorts> = {
  name: "find-pictures",
  says: "HEAD of every proxy: together they must be what the revision names, else another revision is on its way",
  run: async (state, ports, { signal }) => {
    const { settled } = state
    const proxies: FoundProxy[] = []
    const gone: number[] = []
    const files = filesOf(settled)
    for (let at = 0; at < files.length; at += AT_ONCE) {
      if (signal.aborted) return failed(failure("stopped", "find-pictures was interrupted"))
      const some = files.slice(at, at + AT_ONCE)
      const heads = await Promise.all(some.map(({ key }) => proxyOf({ bucket: settled.sequence.bucket, key }, ports)))
      for (const [place, head] of heads.entries()) {
        const file = some[place] as FrameFile
        if (!head.ok) return head
        if (head.value === null) gone.push(file.frame)
        else proxies.push({ ...file, head: head.value })
      }
    }
    if (gone.length > 0) return failed(goneProxies(gone))
    const isNamed = revisionOfPictures(settled, picturesOf(proxies)) === settled.revision
    return done({ state: isNamed ? { ...state, pictures: "found", proxies } : { ...state, pictures: "changed" } })
  },
}

/** The proxy of a source, under whichever name it was given; null where there is none that says so. */
async function proxyOf(
  source: { readonly bucket: string; readonly key: string },
  { store, outputsFor }: AssemblerPorts,
): Promise<Result<ObjectHead | null>> {
  for (const names of candidateNames(source.key, outputsFor(source.bucket))) {
    const head = await store.head(outputRef(names, PROXY))
    if (!head.ok && head.failure.code !== "store/missing") return head
    if (head.ok && isOutputOf(head.value.metadata, fileNameOf(source.key))) return head
  }
  return done(null)
}

function picturesOf(proxies: readonly FoundProxy[]): BigUint64Array {
  const pictures = new BigUint64Array(proxies.length * 2)
  for (const [at, { head }] of proxies.entries()) {
    const { sourceVersion = "", renderKey = "" } = pictureIn(head.metadata) ?? {}
    pictures.set(pictureNamed(sourceVersion, renderKey), at * 2)
  }
  return pictures
}

const goneProxies = (frames: readonly number[]): Failure =>
  failure(
    "sequence/proxy-missing",
    `The proxies of frames ${rangesText(Float64Array.from(frames))} are not there, or not ours: reprocess these frames.`,
  )
