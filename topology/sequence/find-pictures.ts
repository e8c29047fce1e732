import { fileNameOf } from "../../src/element/key.ts"
import { fileNameOfOwner, isOutputOf, ownerName, pictureIn } from "../../src/element/output-metadata.ts"
import { candidateNames, outputRef } from "../../src/element/output-places.ts"
import { PROXY } from "../../src/element/profiles.ts"
import { done, type Failure, failed, failure, type Result } from "../../src/events/result.ts"
import type { ObjectHead } from "../../src/store/index.ts"
import type { Step } from "../flow/step.ts"
import { type Asking, asking, framesText } from "./ask-again.ts"
import type { AssemblerPorts, Outdated } from "./assemble.ts"
import { compareSources } from "./compare-sources.ts"
import { type FoundProxy, type FrameFile, filesOf, pictureNamed, revisionOfPictures } from "./revision.ts"

/** The proxies are what the revision names, or something else by now, or some have to be made again first. */
export type PicturesFound =
  | (Outdated & { readonly pictures: "found"; readonly proxies: readonly FoundProxy[] })
  | (Outdated & { readonly pictures: "changed" })
  | (Asking & { readonly pictures: "lacking" })

/** Proxies that are asked for side by side. */
const AT_ONCE = 16

export const findPictures: Step<Outdated, PicturesFound, AssemblerPorts> = {
  name: "find-pictures",
  says: "HEAD of every proxy: together they must be what the revision names, else another is on its way, or some are made again first",
  run: async (state, ports, { signal }) => {
    const { settled } = state
    const proxies: FoundProxy[] = []
    const gone: FrameFile[] = []
    const files = filesOf(settled)
    for (let at = 0; at < files.length; at += AT_ONCE) {
      if (signal.aborted) return failed(failure("stopped", "find-pictures was interrupted"))
      const some = files.slice(at, at + AT_ONCE)
      const heads = await Promise.all(some.map(({ key }) => proxyOf({ bucket: settled.sequence.bucket, key }, ports)))
      for (const [place, head] of heads.entries()) {
        const file = some[place] as FrameFile
        if (!head.ok) return head
        if (head.value === null) gone.push(file)
        else proxies.push({ ...file, head: head.value })
      }
    }
    // Of which source an output is whose name had to be cut cannot be told, however often it is made.
    if (gone.some(({ key }) => fileNameOfOwner(ownerName(fileNameOf(key))) === null)) return failed(goneProxies(gone))
    const isFree = { force: false }
    if (gone.length > 0)
      return done({ state: { ...asking(state, gone, goneProxies(gone), isFree), pictures: "lacking" } })
    if (revisionOfPictures(settled, picturesOf(proxies)) === settled.revision)
      return done({ state: { ...state, pictures: "found", proxies } })
    const compared = await compareSources(settled.sequence.bucket, proxies, { ports, signal })
    if (!compared.ok) return compared
    // Facts of outputs that were kept for what an earlier recipe made of them state today's renderKey.
    const stated = picturesOf(proxies, (at) => compared.value[at]?.renderKey)
    if (revisionOfPictures(settled, stated) === settled.revision)
      return done({ state: { ...state, pictures: "found", proxies } })
    const outdated = compared.value.filter(({ standing }) => standing === "outdated")
    return done({
      state:
        outdated.length === 0
          ? { ...state, pictures: "changed" }
          : { ...asking(state, outdated, replacedProxies(outdated), isFree), pictures: "lacking" },
    })
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

function picturesOf(
  proxies: readonly FoundProxy[],
  statedKey: (at: number) => string | undefined = () => undefined,
): BigUint64Array {
  const pictures = new BigUint64Array(proxies.length * 2)
  for (const [at, { head }] of proxies.entries()) {
    const { sourceVersion = "", renderKey = "" } = pictureIn(head.metadata) ?? {}
    pictures.set(pictureNamed(sourceVersion, statedKey(at) ?? renderKey), at * 2)
  }
  return pictures
}

const goneProxies = (files: readonly FrameFile[]): Failure =>
  failure(
    "sequence/proxy-missing",
    `The proxies of frames ${framesText(files)} are not there, or not ours. They are made again, then the movie.`,
  )

const replacedProxies = (files: readonly FrameFile[]): Failure =>
  failure(
    "sequence/proxy-missing",
    `The proxies of frames ${framesText(files)} are not those of their sources. They are made again, then the movie.`,
  )
