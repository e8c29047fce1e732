import { fileNameOf } from "../../src/element/key.ts"
import { madeFromMetadata } from "../../src/element/output-metadata.ts"
import { namesOfOutput, outputRef } from "../../src/element/output-places.ts"
import { PROXY, THUMBNAIL } from "../../src/element/profiles.ts"
import { sequenceKeyOf } from "../../src/events/fact.ts"
import type { Result } from "../../src/events/result.ts"
import type { IllustrationOrder, Illustrations, MovieFile, Thumbnail } from "../../src/picture/index.ts"
import type { ObjectRef } from "../../src/store/index.ts"
import type { AssemblerPorts } from "./assemble.ts"
import type { PicturesFound } from "./find-pictures.ts"
import { type FoundProxy, framesOf } from "./revision.ts"

type Found = Extract<PicturesFound, { pictures: "found" }>

type Work = { readonly signal: AbortSignal; readonly folder: string; readonly movie: MovieFile }

/** Poster and scrub sheet of a movie, of what its frames have beside their proxies. */
export function illustrated(
  { settled, proxies, claims }: Found,
  { store, movies, posterFor }: AssemblerPorts,
  { signal, folder, movie }: Work,
): Promise<Result<Illustrations>> {
  const at = (picture: number): FoundProxy => proxies[picture] as FoundProxy
  const { bucket } = settled.sequence
  const order: IllustrationOrder = {
    ...{ ...framesOf(settled), signal, folder, movie },
    poster: posterFor({ bucket, key: sequenceKeyOf(settled.sequence) }),
    sheetName: fileNameOf(claims.sprites.ref.key),
    thumbnailOf: (picture) => thumbnailOf(at(picture)),
    readThumbnail: (picture) => store.readRange(thumbnailRef(at(picture)), { start: 0, end: MOST_BYTES, signal }),
    readProxy: (picture) => {
      const { head } = at(picture)
      return store.readRange(head, { start: 0, end: head.sizeBytes, ifMatch: head.etag, signal })
    },
  }
  return movies.illustrate(order)
}

/** More than any thumbnail that settings ask for; what is longer is none. */
const MOST_BYTES = 32 * 2 ** 20

/** The thumbnail lies beside the proxy, under the same name. */
function thumbnailRef({ head }: FoundProxy): ObjectRef {
  const names = namesOfOutput(head, PROXY)
  if (names === null) throw new Error("A proxy is called like one.")
  return outputRef(names, THUMBNAIL)
}

function thumbnailOf({ key, head }: FoundProxy): Thumbnail | null {
  const made = madeFromMetadata(head.metadata, fileNameOf(key))
  if (made === null) return null
  const { width, height, pictureX, pictureY, pictureWidth, pictureHeight } = made.thumbnail
  return { width, height, picture: { x: pictureX, y: pictureY, width: pictureWidth, height: pictureHeight } }
}
