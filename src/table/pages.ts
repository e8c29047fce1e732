/** Reading of tables a page at a time: the part of the port Table that answers whoever looks at it. */

import type { Result } from "../events/result.ts"
import type { ElementRow, ProxyOutputRow } from "./rows.ts"
import type { SequenceRow } from "./sequence-rows.ts"

/** current: what its object's outputs show. superseded: of an earlier version, or made earlier. removed: the source is gone. */
export type OutputState = "current" | "superseded" | "removed"

export type ListedOutput = ProxyOutputRow & { readonly state: OutputState }

/** Where an output stands in any order of outputs. */
export type OutputPlace = Pick<ProxyOutputRow, "s3_bucket" | "s3_key" | "generated_timestamp" | "proxy_id">

/** What the names of a sequence's frames have in common. */
export type SequenceNames = Pick<SequenceRow, "bucket" | "folder" | "head" | "tail">

export type OutputsQuery = {
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
  readonly fileId?: string | undefined
  readonly assetId?: string | undefined
  /** Only outputs of frames of this sequence. */
  readonly sequence?: SequenceNames | undefined
  readonly state?: OutputState | undefined
  /** Not earlier, as generated_timestamp is written. */
  readonly since?: string | undefined
  /** Earlier than this. */
  readonly until?: string | undefined
  /** key: by bucket, key and time. newest: by time, the latest first. */
  readonly order: "key" | "newest"
  readonly limit: number
  /** The last one of the page before. */
  readonly after?: OutputPlace | undefined
}

/** What is known of one source: its row, and the outputs that it shows. */
export type KnownSource = { readonly element: ElementRow | null; readonly output: ProxyOutputRow | null }

export type SourceRef = { readonly bucket: string; readonly key: string }

export type ElementsPageQuery = {
  readonly states: readonly ElementRow["state"][]
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
  readonly code?: string | undefined
  readonly limit: number
  readonly after?: SourceRef | undefined
}

export type SequencesQuery = {
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
  readonly state?: SequenceRow["state"] | undefined
  readonly order: "name" | "newest"
  readonly limit: number
  readonly after?: (SequenceNames & Pick<SequenceRow, "changed_at_ms">) | undefined
}

/** made: there are pictures. settled: a movie is to come. failed: the movie or the source failed. */
export type TileState = "made" | "settled" | "failed"

/** A sequence of frames, a single frame that has outputs, or a single source that failed. */
export type Tile = {
  readonly bucket: string
  /** Key of the source, or of a sequence folder, head, # and tail. */
  readonly name: string
  readonly state: TileState
  /** When the state was reached, epoch milliseconds. */
  readonly changed_at_ms: number
} & (
  | { readonly kind: "shot"; readonly sequence: SequenceRow }
  | { readonly kind: "frame"; readonly output: ProxyOutputRow }
  | { readonly kind: "failed"; readonly element: ElementRow }
)

/** Where a tile stands in any order of tiles. */
export type TilePlace = Pick<Tile, "bucket" | "name" | "changed_at_ms"> & { readonly isShot: boolean }

export type TilesQuery = {
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
  readonly state?: TileState | undefined
  /** A part of the name, in upper or lower case of ASCII letters. */
  readonly part?: string | undefined
  readonly order: "name" | "newest"
  readonly limit: number
  /** Behind this tile, or how many tiles of the order come before: the first without either. */
  readonly after?: TilePlace | undefined
  readonly at?: number | undefined
}

export type TilesPage = {
  readonly tiles: readonly Tile[]
  /** Of all tiles that the query is about. */
  readonly total: number
}

/**
 * Pages of rows. A page that begins behind the last row of the one before neither repeats nor leaves out a row that was
 * there all the time, whatever is merged meanwhile. Fails as Table does.
 */
export interface PagedReads {
  outputsPage(query: OutputsQuery): Promise<Result<readonly ListedOutput[]>>
  /** One row by its proxy_id, null where there is none. */
  output(proxyId: string): Promise<Result<ListedOutput | null>>
  /** What is known of each source, in their order. */
  lookUp(sources: readonly SourceRef[]): Promise<Result<readonly KnownSource[]>>
  /** Ordered by bucket, key. */
  elementsPage(query: ElementsPageQuery): Promise<Result<readonly ElementRow[]>>
  /** Failed elements by their failure's code, most first. */
  failureCounts(query: Pick<ElementsPageQuery, "bucket" | "prefix">): Promise<Result<readonly FailureCount[]>>
  /** Sequences of at least two frames, or with a movie. */
  sequencesPage(query: SequencesQuery): Promise<Result<readonly SequenceRow[]>>
  /** One row by its sequence_id, null where there is none. */
  sequence(sequenceId: string): Promise<Result<SequenceRow | null>>
  tilesPage(query: TilesQuery): Promise<Result<TilesPage>>
}

export type FailureCount = { readonly code: string; readonly count: number }

/** The least text that comes behind all that begin with the prefix, in the order of UTF-8 bytes; null where none does. */
export function behindPrefix(prefix: string): string | null {
  const points = Array.from(prefix, (letter) => letter.codePointAt(0) ?? 0)
  while (points.at(-1) === LAST_POINT) points.pop()
  const last = points.pop()
  if (last === undefined) return null
  // Halves of a pair are no characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}

const LAST_POINT = 0x10ffff
