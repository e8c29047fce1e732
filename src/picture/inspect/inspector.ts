import { createHash } from "node:crypto"
import { done, type Result } from "../../events/result.ts"
import type { HeaderInspector } from "../index.ts"
import type { Inspected, Reading } from "../model.ts"
import { decideColour } from "../read/colour/decide.ts"
import { colourSource } from "../read/colour/decision.ts"
import { bytesOf, type FileBytes, type HeaderOutcome, type Span } from "../read/header/bytes.ts"
import { iccBytes } from "../read/header/icc-profile.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import type { HeaderPart, PictureHeader } from "../read/header/model.ts"
import { readGrowing, readHeader } from "../read/header/read.ts"
import { decideFromHeader, type PictureRequest } from "../read/reading.ts"
import { isData } from "../read/select/candidates.ts"
import { selectPicture } from "../read/select/selection.ts"
import { type BarePart, fitParts, withoutNul } from "./parts-in-fact.ts"

/** Telling of a header as a fact, or to a person. */

/** Parts, channels and attributes of one fact, bytes: with what else it carries it stays below a broker's 126 KB. */
const PARTS_BYTES = 100_000
const MOST_WARNINGS = 16
/** Longest name of a part or view that is told, characters; OpenEXR's own names end at 255. */
const NAME_LENGTH = 255

export type InspectRequest = { readonly key: string; readonly limits: HeaderLimits }

/**
 * The header of a file as a fact tells it. Pure; asks for more bytes where the header goes on.
 * Fails: source/unsupported-type, picture/*.
 */
export function inspectHeader(file: FileBytes, request: InspectRequest): HeaderOutcome<Inspected> {
  const header = wholeHeader(file, request)
  return header.kind === "read" ? { kind: "read", value: inspected(file, header.value, request) } : header
}

/** An EXR's header is read without holes, so that its hash and those of long values are of all their bytes. */
function wholeHeader(file: FileBytes, { key, limits }: InspectRequest): HeaderOutcome<PictureHeader> {
  const header = readHeader(file, key, limits)
  if (header.kind !== "needMoreBytes") return header
  return { kind: "needMoreBytes", need: withoutHole(file, key, header.need) }
}

function withoutHole({ extents: [first] }: FileBytes, key: string, need: Span): Span {
  const held = first === undefined ? 0 : first.offset + first.bytes.length
  if (!/\.exr$/i.test(key) || need.offset <= held) return need
  return { offset: held, lengthBytes: need.offset + need.lengthBytes - held }
}

/** A header that was read from `file`, as a fact tells it. */
function inspected(file: FileBytes, header: PictureHeader, { key, limits }: InspectRequest): Inspected {
  const bare = header.parts.map(
    (part): BarePart => ({ header: part, part: barePart(part, partColour(header, part, { file, key, limits })) }),
  )
  const told = fitParts(file, bare, PARTS_BYTES)
  return {
    format: header.format,
    frameNumber: frameNumberOf(key),
    headerHash: headerHash(file, header),
    headerBytes: header.spans.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
    deep: header.parts.some(({ deep }) => deep),
    ...told,
    warnings: warningsOf(header.warnings, told),
  }
}

const shortName = (name: string): string => withoutNul(name.slice(0, NAME_LENGTH).toWellFormed())

function barePart({ attributes: _, name, view, ...part }: HeaderPart, colorSpace: string | null): BarePart["part"] {
  return {
    ...part,
    name: name === null ? null : shortName(name),
    view: view === null ? null : shortName(view),
    colorSpace: colorSpace === null ? null : shortName(colorSpace),
  }
}

/** The digits before the extension, three to eight after a dot or underscore: exr-inspector's rule. */
export function frameNumberOf(key: string): number | null {
  const digits = /[._](\d{3,8})\.[A-Za-z0-9]+$/.exec(key)?.[1]
  return digits === undefined ? null : Number(digits)
}

/** The header's own bytes, and what TIFF directories point at as far as it was decoded. */
function headerHash(file: FileBytes, { format, parts, spans }: PictureHeader): string {
  const hash = createHash("sha256")
  for (const span of spans) {
    // A DPX may end inside the last of its headers, behind the last field.
    const bytes = bytesOf(
      file,
      { ...span, lengthBytes: Math.min(span.lengthBytes, file.fileSizeBytes - span.offset) },
      span.lengthBytes,
    )
    if (bytes === null) throw new Error(`the ${format} header was read, yet bytes ${span.offset} and on are not there`)
    hash.update(bytes)
  }
  if (format === "tiff") for (const { attributes } of parts) hash.update(JSON.stringify(attributes.map((a) => a.value)))
  return hash.digest("hex")
}

type DroppedCounts = Pick<Inspected, "attributesDropped" | "channelsDropped" | "partsDropped">

function warningsOf(warnings: readonly string[], told: DroppedCounts): readonly string[] {
  const { attributesDropped, channelsDropped, partsDropped } = told
  const dropped = [
    [partsDropped, "parts"],
    [channelsDropped, "channels"],
    [attributesDropped, "attributes"],
  ] as const
  return [
    ...warnings.slice(0, MOST_WARNINGS),
    ...(warnings.length > MOST_WARNINGS ? [`${warnings.length - MOST_WARNINGS} more warnings are left out.`] : []),
    ...dropped.flatMap(([count, what]) =>
      count > 0 ? [`${count} ${what} are left out: the header is too long.`] : [],
    ),
  ]
}

/** Attributes in which OpenImageIO and renderers write the name of the space down. */
const STATED: ReadonlySet<string> = new Set(["oiio:colorspace", "colorspace"])

type Inspecting = { readonly file: FileBytes; readonly key: string; readonly limits: HeaderLimits }

/**
 * The colour space of one part as the header alone says: the name that stands there, else what the colour rules decide for
 * the channels that would be shown of it. Null for a part of which nothing can be shown.
 */
function partColour(header: PictureHeader, part: HeaderPart, { file, key, limits }: Inspecting): string | null {
  const request = { fileSizeBytes: file.fileSizeBytes, limits, ownReaders: true }
  const shown = selectPicture({ ...header, parts: [part] }, request)
  if (!shown.ok || isData(shown.value.pass)) return null
  const stated = part.attributes.find(({ name }) => STATED.has(name.toLowerCase()))?.value
  if (typeof stated === "string" && stated !== "") return stated
  const icc = iccBytes(file, part)
  const source = colourSource(header, { part, channels: shown.value.selection.channels }, icc)
  return decideColour({ source, key, ...NOTHING_SET }).colorspace.name
}

/** No setting, no tag, no token of a file name: those are the renderer's to weigh. */
const NOTHING_SET = {
  statedSpace: null,
  colour: { inputSpace: null, look: "", cameraTokens: false },
  configHash: "",
} as const

/** All that a header says: as the file has it, as a fact would tell it, and what a renderer would show of it. */
export type ExaminedHeader = {
  readonly header: PictureHeader
  readonly told: Inspected
  /** Why nothing can be shown, where that is so. */
  readonly reading: Result<Reading>
}

type ExamineRequest = PictureRequest & { readonly limits: HeaderLimits }

/**
 * Reads a header for a person. Pure; asks for more bytes where the header goes on. That nothing of a readable header can be
 * shown is part of the answer. Fails: source/unsupported-type, picture/*.
 */
export function examine(file: FileBytes, request: ExamineRequest): HeaderOutcome<ExaminedHeader> {
  const whole = wholeHeader(file, request)
  if (whole.kind !== "read") return whole
  const header = whole.value
  const shown = decideFromHeader(file, header, request)
  if (shown.kind === "needMoreBytes") return shown
  const reading: ExaminedHeader["reading"] =
    shown.kind === "read" ? { ok: true, value: shown.value } : { ok: false, failure: shown.failure }
  return { kind: "read", value: { header, told: inspected(file, header, request), reading } }
}

/** An inspector that reads at most `limits.headerBytes` of a source. */
export const openHeaderInspector = (limits: HeaderLimits): HeaderInspector => ({
  async inspect({ key, sizeBytes, readSpan }) {
    const grown = await readGrowing({ sizeBytes, readSpan }, (file) => inspectHeader(file, { key, limits }), limits)
    return grown.ok ? done({ header: grown.value.value, bytesRead: grown.value.bytesRead }) : grown
  },
})
