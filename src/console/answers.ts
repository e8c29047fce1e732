// What the server answers, and what a sheet shows of it.

import { fileNameOf, folderOf } from "../element/key.ts"
import type { ElementFailed, ProxyMade } from "../events/records.generated.ts"
import type { Failed, Frame } from "../sheet/index.ts"
import { failedOf, frameOf, shotOfRow } from "../sheet/items.ts"
import type { Tile } from "../sheet/tiles.ts"
import type { ElementRow, Inspection, ProxyOutputRow } from "../table/rows.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"
import type { FactTold } from "./timeline.ts"

/** An address that opens one object for a while. */
export type Signed = { readonly url: string; readonly expires_at: string }

type Urls = Readonly<Partial<Record<string, Signed | null>>>

type Named = {
  readonly id: string
  readonly version: string | null
  readonly urls: Urls
}

/** A row of the table of sequences as the API lists it. */
type ListedSequence = Omit<SequenceRow, "report_json">

/** A tile as the API has it: with the row of a sequence, of the outputs of a single frame, or of a source that failed. */
export type TileAnswer =
  | (Named & ListedSequence & { readonly kind: "shot" })
  | (Named & ProxyOutputRow & { readonly kind: "frame" })
  | (Named & ElementRow & { readonly kind: "failed" })

export type TilesAnswer = {
  readonly tiles: readonly TileAnswer[]
  readonly total: number
}

const urlOf = (urls: Urls | undefined, name: string): string | null => urls?.[name]?.url ?? null

/** The row of a frame does not tell how wide its picture is: it is shown whole in the square of its thumbnail. */
const SQUARE = 1

/** What a sheet shows of a tile. */
export function tileOf(answer: TileAnswer): Tile {
  const { id, urls, version } = answer
  if (answer.kind === "failed") return { kind: "failed", id, item: failedOf(answer, { shot: null, number: null }) }
  const beside = { thumbnail: urlOf(urls, "thumbnail"), aspect: SQUARE }
  if (answer.kind === "frame")
    return { kind: "frame", id, item: { ...frameOfRow(answer), ...beside, proxy: urlOf(urls, "proxy") } }
  const pictures = { version, movie: urlOf(urls, "movie"), poster: urlOf(urls, "poster"), sprites: null }
  return { kind: "shot", id, item: shotOfRow(answer, { ...beside, ...pictures }) }
}

/** The sheet that a shot is scrubbed by; null where there is none. */
export const spritesUrlOf = ({ urls }: TileAnswer): string | null => urlOf(urls, "sprites")

/** What the row of its outputs tells of a frame; its fact tells the rest. */
function frameOfRow(row: ProxyOutputRow): Omit<Frame, "thumbnail" | "proxy" | "aspect"> {
  return {
    ...{ bucket: row.s3_bucket, folder: folderOf(row.s3_key), name: fileNameOf(row.s3_key), shot: null, number: null },
    ...{ further: [], format: "", compression: null, selectionReason: "", windows: "" },
    ...{ colourSpace: row.source_colorspace, colourRule: "", colourEvidence: "", look: row.proxy_colorspace },
    ...{ rate: null, timecode: null, warnings: [], allBlack: false, reused: false, timings: [] },
    ...{ sourceBytes: row.source_size_bytes, thumbnailBytes: row.thumbnail_size_bytes },
    ...{ proxyBytes: row.proxy_size_bytes, madeAtMs: Date.parse(row.generated_timestamp) },
  }
}

/** Everything about one source. */
export type ElementAnswer = {
  readonly element: ElementRow | null
  readonly urls?: Urls
  readonly inspection?: Inspection | null
}

/** A frame, or its failure, as its newest fact tells it; null where neither pictures were made nor anything failed. */
export function tileOfFacts(facts: readonly FactTold[], urls: Urls | undefined): Tile | null {
  const told = facts.findLast(({ topic }) => /(proxy-made|element-failed)$/.test(topic))
  if (told === undefined) return null
  const id = `${told.partition}-${told.offset}`
  // What the server answers of a topic has that topic's schema.
  if (told.topic.endsWith("element-failed"))
    return { kind: "failed", id, item: failedOfFact(told.fact as unknown as ElementFailed) }
  const frame = frameOf(told.fact as unknown as ProxyMade, { shot: null, number: null }, () => null)
  return { kind: "frame", id, item: { ...frame, thumbnail: urlOf(urls, "thumbnail"), proxy: urlOf(urls, "proxy") } }
}

const failedOfFact = ({ element: { bucket, key }, ...fact }: ElementFailed): Failed => ({
  ...{ bucket, folder: folderOf(key), name: fileNameOf(key), shot: null, number: null },
  ...{ stage: fact.stage, code: fact.code, kind: fact.kind, says: fact.says, attempts: fact.attempts },
  failedAtMs: Math.floor(Number(fact.failedAtUs) / 1000),
})

/** One sequence. */
export type SequenceAnswer = ListedSequence & Omit<Named, "id">

export const shotOfSequence = (answer: SequenceAnswer): Tile =>
  tileOf({ ...answer, kind: "shot", id: answer.sequence_id })

/** Key of a frame of a sequence, its number written as in the key of another one; null where that is none of its frames. */
export function keyOfFrame({ folder, head, tail }: SequenceNames, number: number, another: string): string | null {
  const start = `${folder}${head}`
  const [, sign = "", digits] = /^(-?)(\d+)$/.exec(another.slice(start.length, another.length - tail.length)) ?? []
  if (!another.startsWith(start) || !another.endsWith(tail) || digits === undefined) return null
  const width = digits.startsWith("0") || sign === "" ? digits.length : 1
  return `${start}${number < 0 ? "-" : ""}${String(Math.abs(number)).padStart(width, "0")}${tail}`
}

type SequenceNames = Pick<SequenceRow, "folder" | "head" | "tail">
