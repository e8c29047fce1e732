// How the pictures of a stitched movie are stored, and how often.

import type { IdrPicId } from "../mp4/idr-pic-id.ts"
import type { MovieSamples } from "../mp4/sample-table.ts"

/** Sizes of pictures as samples, by the number that is written into them. */
export type PictureSizes = { readonly [id in IdrPicId]: Uint32Array }

export type Layout = {
  readonly samples: MovieSamples
  /** For each stored sample, the picture in it. */
  readonly pictures: Int32Array
  /** For each stored sample, the number that tells it from its neighbours. */
  readonly ids: Uint8Array
}

/**
 * Frames have the numbers 0 and 1 by turns. A picture is stored where it is first shown with its number, so a held one
 * twice at most, however long it is held.
 */
export function layoutOf(shown: Int32Array, sizes: PictureSizes): Layout {
  const places = new Int32Array(sizes[0].length * 2).fill(-1)
  const frames = new Uint32Array(shown.length)
  const [pictures, ids, storedBytes] = [
    new Int32Array(places.length),
    new Uint8Array(places.length),
    new Uint32Array(places.length),
  ]
  let stored = 0
  for (let frame = 0; frame < shown.length; frame++) {
    const picture = shown[frame] ?? 0
    const id = frame % 2 === 0 ? 0 : 1
    const key = picture * 2 + id
    if (places[key] === -1) {
      pictures[stored] = picture
      ids[stored] = id
      storedBytes[stored] = sizes[id][picture] ?? 0
      places[key] = stored++
    }
    frames[frame] = places[key] ?? 0
  }
  return {
    samples: { storedBytes: storedBytes.slice(0, stored), shown: frames, sync: null },
    pictures: pictures.slice(0, stored),
    ids: ids.slice(0, stored),
  }
}
