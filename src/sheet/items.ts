// What a sheet shows of rows and facts.

import { fileNameOf, folderOf } from "../element/key.ts"
import type { Box, ProxyMade } from "../events/records.generated.ts"
import type { ElementRow } from "../table/rows.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"
import type { Failed, Finding, Frame, Rate, Shot } from "./index.ts"
import { spriteCellsOf } from "./sprites.ts"

/** Where the page finds an object; null for nowhere. */
export type AddressOf = (ref: { readonly bucket: string; readonly key: string }) => string | null

/** Which shot a key belongs to: its index among the shots, and its frame number; nulls for none. */
export type Place = { readonly shot: number | null; readonly number: number | null }

const FINDINGS = [
  ["two files", "frames_duplicate"],
  ["outside", "frames_outside"],
  ["differ", "frames_drifted"],
  ["timecode jumps", "frames_timecode_jump"],
  ["black", "frames_black"],
  ["nearly black", "frames_nearly_black"],
  ["frozen", "frames_frozen"],
  ["not finite", "frames_non_finite"],
] as const satisfies readonly (readonly [string, keyof Omit<SequenceRow, "report_json">])[]

const findingsOf = (row: Omit<SequenceRow, "report_json">): readonly Finding[] =>
  FINDINGS.flatMap(([title, column]) => (row[column] === "" ? [] : [[title, row[column]] as const]))

/** A shot's own files are where its movie is, which may be another bucket than its frames'. */
export type ShotFiles = {
  readonly row: SequenceRow
  readonly outputsBucket: string
  /** The frame that stands for it; null where none has pictures. */
  readonly middle: ProxyMade | null
  readonly version: string | null
  /** Text of the cues; null where it cannot be read. */
  readonly cues: string | null
}

export function shotOf({ row, outputsBucket, middle, version, cues }: ShotFiles, addressOf: AddressOf): Shot {
  const rate = rateOf(row.frame_rate)
  const address = (key: string | null) => (key === null ? null : addressOf({ bucket: outputsBucket, key }))
  const sheet = address(row.sprites_key)
  const cells = cues === null || rate === null ? null : spriteCellsOf(cues, rate)
  return shotOfRow(row, {
    version,
    movie: address(row.movie_key),
    poster: address(row.poster_key),
    sprites: sheet === null || cells === null ? null : { url: sheet, ...cells },
    thumbnail: middle === null ? null : thumbnailOf(middle, addressOf),
    aspect: middle === null ? 1 : aspectOf(middle),
  })
}

/** What a row does not tell of its shot. */
export type BesideRow = Pick<Shot, "version" | "movie" | "poster" | "sprites" | "thumbnail" | "aspect">

export function shotOfRow(row: Omit<SequenceRow, "report_json">, beside: BesideRow): Shot {
  const { first_frame: first, first_frame_expected: expected } = row
  return {
    ...{ bucket: row.bucket, folder: row.folder, name: `${row.head}#${row.tail}` },
    ...{ made: row.frames_made, failed: row.frames_failed, missing: row.frames_missing, held: row.frames_held },
    findings: findingsOf(row),
    isSound: row.is_sound === null ? null : row.is_sound === 1,
    firstExpected: expected === first ? null : expected,
    ...{ gaps: row.gaps, rate: rateOf(row.frame_rate), timecode: row.timecode },
    ...{ movieFrames: row.movie_frames, movieBytes: row.movie_size_bytes, resolution: row.movie_resolution },
    ...{ failureCode: row.failure_code, failureSays: row.failure_says, changedAtMs: row.changed_at_ms },
    ...beside,
  }
}

/** Frames a second as a row has it: `24000/1001`. */
export function rateOf(text: string | null): Rate | null {
  const [, num, den] = /^(\d+)\/(\d+)$/.exec(text ?? "") ?? []
  return num === undefined || Number(num) === 0 || Number(den) === 0 ? null : { num: Number(num), den: Number(den) }
}

const thumbnailOf = ({ element, thumbnail }: ProxyMade, addressOf: AddressOf): string | null =>
  addressOf({ bucket: thumbnail.bucket ?? element.bucket, key: thumbnail.key })

/** Width of the picture as it is seen, divided by its height. */
export function aspectOf({ selection: { displayWindow, pixelAspect } }: Pick<ProxyMade, "selection">): number {
  const { xMin, yMin, xMax, yMax } = displayWindow
  const aspect = ((xMax - xMin + 1) * pixelAspect) / (yMax - yMin + 1)
  return Number.isFinite(aspect) && aspect > 0 ? Number(aspect.toFixed(5)) : 1
}

export function frameOf(made: ProxyMade, { shot, number }: Place, addressOf: AddressOf): Frame {
  const { element, source, selection, colorspace, thumbnail, proxy, furtherOutputs } = made
  const { bucket, key } = element
  // A shot shows its own pictures in the place of its frames'.
  const isTile = shot === null
  return {
    ...{ bucket, folder: folderOf(key), name: fileNameOf(key), shot, number },
    thumbnail: isTile ? thumbnailOf(made, addressOf) : null,
    proxy: isTile ? addressOf({ bucket: proxy.bucket ?? bucket, key: proxy.key }) : null,
    further: furtherOutputs.flatMap(({ name, output: { width, height, sizeBytes, ...output } }) => {
      const url = addressOf({ bucket: output.bucket ?? bucket, key: output.key })
      return url === null ? [] : [{ name, url, width, height, sizeBytes }]
    }),
    aspect: aspectOf(made),
    ...{ format: selection.format, compression: selection.compression },
    ...{ colourSpace: colorspace.name, colourRule: colorspace.rule, colourEvidence: colorspace.evidence },
    ...{ look: colorspace.look, selectionReason: selection.reason, windows: windowsText(selection) },
    ...{ rate: selection.frameRate, timecode: selection.timecode, warnings: made.warnings },
    ...{ allBlack: made.allBlack, reused: made.reused, sourceBytes: source.sizeBytes },
    ...{ thumbnailBytes: thumbnail.sizeBytes, proxyBytes: proxy.sizeBytes },
    madeAtMs: Math.floor(made.generatedAtUs / 1000),
    timings: Object.entries(made.timingsMs),
  }
}

const windowsText = ({ displayWindow, dataWindow, pixelAspect }: ProxyMade["selection"]): string =>
  [
    `shown ${boxText(displayWindow)}`,
    `data ${boxText(dataWindow)}`,
    ...(pixelAspect === 1 ? [] : [`pixel aspect ${Number(pixelAspect.toFixed(4))}`]),
  ].join(" · ")

/** 400×300, with the offset where there is one. */
export function boxText({ xMin, yMin, xMax, yMax }: Box): string {
  const extent = `${xMax - xMin + 1}×${yMax - yMin + 1}`
  return xMin === 0 && yMin === 0 ? extent : `${extent} at (${xMin}, ${yMin})`
}

export const failedOf = (row: ElementRow, { shot, number }: Place): Failed => ({
  ...{ bucket: row.bucket, folder: folderOf(row.key), name: fileNameOf(row.key), shot, number },
  ...{ stage: row.stage ?? "", code: row.failure_code ?? "", kind: row.failure_kind ?? "" },
  ...{ says: row.failure_says ?? "", attempts: row.attempts, failedAtMs: row.changed_at_ms },
})
