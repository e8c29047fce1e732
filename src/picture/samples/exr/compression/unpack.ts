/** EXR's compressions, a file each, and the streams that hand out what they unpack. */

import type { ChunkLayout, Decompress } from "../chunks/layout.ts"
import { openB44 } from "./b44.ts"
import { decompressDwa } from "./dwa.ts"
import { decompressPiz } from "./piz.ts"
import { openRle } from "./rle.ts"
import { plainStream, type SampleStream } from "./sample-stream.ts"
import { splitStream } from "./split-stream.ts"
import { inflateChunk } from "./zip.ts"

/** How a compression packs: `split` where its bytes come back as differences, even ones before odd ones. */
type Packing = {
  readonly split: boolean
  readonly open: () => Decompress
  /** Read here only where oiiotool cannot: parts with subsampled channels, or with chroma. */
  readonly byToolToo?: true
}

/** Nothing but chunks stored as they are, which need no unpacking. */
const STORED: Packing = { split: false, open: () => () => null }

const PACKINGS: ReadonlyMap<string, Packing> = new Map([
  ["none", STORED],
  ["rle", { split: true, open: openRle }],
  ["zips", { split: true, open: () => inflateChunk }],
  ["zip", { split: true, open: () => inflateChunk }],
  ["piz", { split: false, open: () => decompressPiz }],
  ["b44", { split: false, open: openB44, byToolToo: true }],
  ["b44a", { split: false, open: openB44, byToolToo: true }],
  ["dwaa", { split: false, open: () => decompressDwa, byToolToo: true }],
  ["dwab", { split: false, open: () => decompressDwa, byToolToo: true }],
])

/** Whether chunks of a compression, by the header's name, are unpacked here. */
export const isUnpacked = (compression: string): boolean => PACKINGS.has(compression)

/** Whether of a compression only parts with subsampled channels or chroma are read here; oiiotool reads the others. */
export const isLeftToTool = (compression: string): boolean => PACKINGS.get(compression)?.byToolToo === true

/** The samples of a chunk; null where it is damaged. They are valid until the next call. */
export type Unpack = (chunk: Uint8Array, layout: ChunkLayout) => SampleStream | null

/** Unpacks chunks of one compression; each has memory of its own. One that is not unpacked here gives null for all. */
export function openUnpack(compression: string): Unpack {
  const { split: isSplit, open } = PACKINGS.get(compression) ?? STORED
  const decompress = open()
  const [plain, split] = [plainStream(), splitStream()]
  return (chunk, layout) => {
    // A chunk that did not shrink was stored as it is.
    if (chunk.length === layout.sizeBytes) return plain.open(chunk)
    const unpacked = decompress(chunk, layout)
    if (unpacked === null || unpacked.length !== layout.sizeBytes) return null
    return (isSplit ? split : plain).open(unpacked)
  }
}
