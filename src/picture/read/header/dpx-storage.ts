import { boxHeight, boxWidth, type HeaderPart, numberNamed, type PictureHeader, textNamed } from "./model.ts"

/** An unset 32-bit field is all ones. */
export const DPX_UNSET = 0xffffffff

/** Where the samples of one image element are, and how: what the header says, or else what adds up. */
export type DpxStorage = {
  /** First byte of the pixels. */
  readonly offset: number
  /** From one row to the next, bytes; null where rows run on without regard to words of 32 bits. */
  readonly rowBytes: number | null
  /** 0 packed without gaps, 1 filled with the padding in the low bits (method A), 2 in the high bits (B). */
  readonly filling: 0 | 1 | 2
  /** What was not taken as the header states it, and why: whole sentences. */
  readonly evidence: readonly string[]
  /** What may be wrong all the same. */
  readonly warnings: readonly string[]
}

/** Either where the samples are, or where they would have to end. */
export type StorageFinding =
  | { readonly is: "found"; readonly storage: DpxStorage }
  | { readonly is: "cut"; readonly end: number }

/** The fixed part of the header: pixels begin after it. */
const FIRST_PIXEL_BYTES = 1408
/** Boundaries that rows of scanners and recorders are padded to without a word. */
const BOUNDARIES = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]

/** Samples of a row in the file, of all channels. */
export function samplesPerRow({ dataWindow, attributes, channels }: HeaderPart): number {
  const width = boxWidth(dataWindow)
  const descriptor = attributes.find(({ name }) => name === "descriptor")?.value
  // 4:2:2: Cb Y Cr Y, with alpha Cb Y A Cr Y A; an odd last column has its pair all the same.
  if (descriptor === 100) return 4 * Math.ceil(width / 2)
  return descriptor === 101 ? 6 * Math.ceil(width / 2) : width * channels.length
}

export const bitsOf = (part: HeaderPart): number => numberNamed(part, "bitDepth") ?? 0

/**
 * Where the samples of an element are. Each field that places them is wrong in somebody's files: of what the header allows,
 * that is taken which ends exactly where the file ends, or where the header says that it ends; else the first that the file
 * has room for, the header's own statements first.
 */
export function dpxStorage(header: PictureHeader, part: HeaderPart, fileSizeBytes: number): StorageFinding {
  const first = header.parts[0] ?? part
  const places = pixelOffsets(header, part, fileSizeBytes).flatMap((offset) => layoutsAt(offset, part, fileSizeBytes))
  const stated = numberNamed(first, "fileSize") ?? 0
  const ends = stated > 0 && stated <= fileSizeBytes ? [fileSizeBytes, stated] : [fileSizeBytes]
  const runsOn = writerRunsOn(first, part)
  const ranked = runsOn === null ? places : places.toSorted((a, b) => Number(b.runsOn) - Number(a.runsOn))
  const room = ranked.filter(({ end, exactOnly }) => end <= fileSizeBytes && !exactOnly)
  const byWriter = room.find((place) => runsOn !== null && place.runsOn)
  const found = byWriter ?? ranked.find(({ end }) => ends.includes(end)) ?? room[0]
  if (found === undefined) return { is: "cut", end: Math.min(...places.map(({ end }) => end)) }
  const isAmbiguous =
    byWriter === undefined && !ends.includes(found.end) && room.some((one) => one.runsOn !== found.runsOn)
  return {
    is: "found",
    storage: {
      offset: found.offset,
      rowBytes: found.rowBytes,
      filling: found.filling,
      evidence: [...differences(found, part), ...(byWriter === undefined || runsOn === null ? [] : [runsOn])],
      warnings: isAmbiguous ? [AMBIGUOUS] : [],
    },
  }
}

const AMBIGUOUS =
  "More bytes follow than the DPX needs, so its size does not tell whether rows end on words of 32 bits; they are taken to, as SMPTE 268M has it."

type Layout = Pick<DpxStorage, "offset" | "rowBytes" | "filling"> & {
  readonly end: number
  readonly runsOn: boolean
  /** Believed only where it ends exactly where the file does. */
  readonly exactOnly: boolean
}

/**
 * Bytes where the pixels of an element may begin, the likeliest first: the element's own offset, then the file's. One of them
 * is unset or wrong in files of several scanners.
 */
export function pixelOffsets(
  { parts: [first] }: PictureHeader,
  part: HeaderPart,
  fileSizeBytes: number,
): readonly number[] {
  const stated = [numberNamed(part, "dataOffset"), part === first ? numberNamed(part, "imageOffset") : null]
  const known = stated.flatMap((offset) => (offset === null || offset === undefined ? [] : [offset]))
  const believable = known.filter((offset) => offset >= FIRST_PIXEL_BYTES && offset !== DPX_UNSET)
  const within = believable.filter((offset) => offset < fileSizeBytes)
  return [...new Set(within.length > 0 ? within : believable.length > 0 ? believable : [2048])]
}

function layoutsAt(offset: number, part: HeaderPart, fileSizeBytes: number): readonly Layout[] {
  const height = boxHeight(part.dataWindow)
  const samples = samplesPerRow(part)
  return fillingsOf(part).flatMap((filling): readonly Layout[] => {
    const kind = { bits: bitsOf(part), filling }
    const plain = wholeBytes(samples, kind)
    const placed = (rowBytes: number, exactOnly: boolean): Layout => {
      const end = offset + rowBytes * height
      return { offset, rowBytes, filling, end, runsOn: false, exactOnly }
    }
    // A boundary beyond the row itself is nobody's habit: then bytes follow the picture.
    const undeclared = BOUNDARIES.filter((boundary) => boundary <= plain).map(
      (boundary) => Math.ceil(plain / boundary) * boundary,
    )
    const runOn = wholeBytes(samples * height, kind)
    return [
      ...paddingsOf(part).map((padding) => placed(plain + padding, false)),
      ...(kind.bits === 10 && runOn < plain * height
        ? [{ offset, rowBytes: null, filling, end: offset + runOn, runsOn: true, exactOnly: false }]
        : []),
      ...[...new Set(undeclared)].filter((bytes) => bytes > plain).map((bytes) => placed(bytes, true)),
    ].filter(({ end }) => end <= fileSizeBytes || filling === fillingsOf(part)[0])
  })
}

/** As stated; where it is unset, the usual one first. Only 10 and 12 bits can be filled. */
function fillingsOf(part: HeaderPart): readonly (0 | 1 | 2)[] {
  const bits = bitsOf(part)
  if (bits !== 10 && bits !== 12) return [0]
  const packing = numberNamed(part, "packing")
  return packing === 0 || packing === 1 || packing === 2 ? [packing] : [1, 0]
}

/** The stated padding at the end of a row, and none, since some writers state what is not there. */
function paddingsOf(part: HeaderPart): readonly number[] {
  const padding = numberNamed(part, "endOfLinePadding") ?? 0
  return padding > 0 && padding !== DPX_UNSET ? [padding, 0] : [0]
}

/** Bytes of so many samples, in whole words of 32 bits where they are packed or filled (SMPTE 268M, 5.2). */
function wholeBytes(samples: number, { bits, filling }: { readonly bits: number; readonly filling: number }): number {
  if (bits === 10 && filling > 0) return Math.ceil(samples / 3) * 4
  if (bits === 12 && filling > 0) return samples * 2
  if (bits === 10 || bits === 12) return Math.ceil((samples * bits) / 32) * 4
  return samples * (bits / 8)
}

/** Scanners whose 10-bit pictures of one, two or four channels run on from row to row. Null for all others. */
function writerRunsOn(first: HeaderPart, part: HeaderPart): string | null {
  if (bitsOf(part) !== 10 || part.channels.length === 3) return null
  const [creator, device] = [textNamed(first, "creator") ?? "", textNamed(first, "inputDevice") ?? ""]
  const writer = ["Lasergraphics Inc.", "DIAMANT-Film"].find((name) => creator.startsWith(name))
  const found = writer ?? (device.startsWith("Scanity") ? "Scanity" : undefined)
  return found === undefined ? null : `Rows run on without padding, as ${found} writes them.`
}

function differences({ offset, rowBytes, filling, runsOn }: Layout, part: HeaderPart): readonly string[] {
  const dataOffset = numberNamed(part, "dataOffset") ?? 0
  const packing = numberNamed(part, "packing")
  const bits = bitsOf(part)
  const plain = wholeBytes(samplesPerRow(part), { bits, filling })
  const padding = paddingsOf(part)[0] ?? 0
  const canBeFilled = bits === 10 || bits === 12
  return [
    ...(offset === dataOffset ? [] : [`The pixels begin at byte ${offset}; the image element states ${dataOffset}.`]),
    ...(canBeFilled && packing !== filling
      ? [`The packing is taken to be ${filling}; the header states ${packing}.`]
      : []),
    ...(runsOn ? ["Rows run on without padding, as the size of the file tells."] : []),
    ...(rowBytes === null || rowBytes === plain + padding
      ? []
      : [`Rows take ${rowBytes} bytes, as the size of the file tells; the header would have ${plain + padding}.`]),
  ]
}
