import { attempt, type FileBytes, type HeaderOutcome, refuse, type Span } from "./bytes.ts"
import { ICC_ATTRIBUTE } from "./icc-profile.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
import { attribute, type HeaderReader, headerReader, stillHeader, stillPart } from "./still.ts"

const HEADER_BYTES = 26
/** Colour modes of Adobe's Photoshop file format that oiiotool reads, the channels that it makes of them, and their depths. */
const MODES: Readonly<
  Record<number, { readonly channels: readonly string[]; readonly stored: number; readonly bits: readonly number[] }>
> = {
  0: { channels: ["R", "G", "B"], stored: 1, bits: [1] },
  1: { channels: ["Y"], stored: 1, bits: [8, 16, 32] },
  2: { channels: ["R", "G", "B"], stored: 1, bits: [8] },
  3: { channels: ["R", "G", "B"], stored: 3, bits: [8, 16, 32] },
  4: { channels: ["C", "M", "Y", "K"], stored: 4, bits: [8, 16] },
}
const NAMES: Readonly<Record<number, string>> = { 7: "multichannel", 8: "duotone", 9: "Lab" }
const MOST_RESOURCES = 512
const [ICC, VERSION] = [1039, 1057]

/**
 * Header of a PSD or PSB: what its composite is, the picture that Photoshop keeps beside the layers. Fails:
 * picture/unsupported where there is no composite, or one of colours that no decoder here reads; picture/damaged,
 * picture/over-limit.
 */
export const readPsd = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, false)
    const span = { offset: 0, lengthBytes: HEADER_BYTES }
    const cursor = reader.at(span)
    cursor.seek(4)
    const version = cursor.u16()
    if (version !== 1 && version !== 2)
      refuse("picture/damaged", `The PSD is of version ${version}, which there is not.`)
    cursor.seek(12)
    const [stored, height, width, bits, mode] = [cursor.u16(), cursor.u32(), cursor.u32(), cursor.u16(), cursor.u16()]
    const kind = MODES[mode]
    if (kind === undefined || !kind.bits.includes(bits))
      return refuse(
        "picture/unsupported",
        `PSD pictures of this kind (${NAMES[mode] ?? `mode ${mode}`}, ${bits} bits) are not read.`,
      )
    if (stored < kind.stored || stored > 56)
      refuse("picture/damaged", `The PSD has ${stored} channels; its mode needs ${kind.stored}.`)
    const resources = sectionAt(reader, sectionEnd(reader, HEADER_BYTES))
    const found = resourcesIn(reader, resources)
    const isLong = version === 2
    const composite = layersEnd(reader, end(resources), isLong)
    const compression = COMPRESSIONS[reader.at({ offset: composite, lengthBytes: 2 }).u16()]
    if (compression === undefined)
      return refuse("picture/unsupported", "The PSD's composite is packed in a way that is not read.")
    checkSize(file, { composite, compression, bytes: Math.ceil((width * bits) / 8) * height * kind.stored })
    const number = (name: string, value: number): HeaderAttribute => attribute(name, "u16", { value, span })
    const part = stillPart(
      {
        width,
        height,
        channels: kind.channels,
        pixelType: bits === 32 ? "float32" : `uint${Math.max(8, bits)}`,
        compression,
        attributes: [number("colourMode", mode), number("bitDepth", bits), number("channels", stored), ...found],
      },
      limits,
    )
    return stillHeader("psd", { part, warnings: [], reader })
  })

const COMPRESSIONS: Readonly<Record<number, string>> = { 0: "none", 1: "packbits" }
const end = ({ offset, lengthBytes }: Span): number => offset + lengthBytes

/** A section is its length, then so many bytes. */
function sectionAt(reader: HeaderReader, offset: number, lengthField: 4 | 8 = 4): Span {
  const cursor = reader.at({ offset, lengthBytes: lengthField })
  return { offset: offset + lengthField, lengthBytes: lengthField === 8 ? cursor.u64() : cursor.u32() }
}

const sectionEnd = (reader: HeaderReader, offset: number): number => end(sectionAt(reader, offset))

/** Where the composite begins: behind layers and masks, whose length takes eight bytes in a PSB. */
const layersEnd = (reader: HeaderReader, offset: number, isLong: boolean): number =>
  end(sectionAt(reader, offset, isLong ? 8 : 4))

function checkSize(
  { fileSizeBytes }: FileBytes,
  {
    composite,
    compression,
    bytes,
  }: { readonly composite: number; readonly compression: string; readonly bytes: number },
): void {
  if (compression === "none" && composite + 2 + bytes > fileSizeBytes)
    refuse(
      "picture/damaged",
      `The PSD's composite needs ${bytes} bytes from byte ${composite} of ${fileSizeBytes}: it is truncated.`,
    )
}

/** The ICC profile; and the statement whether the composite is one, or white because nobody asked for it. */
function resourcesIn(reader: HeaderReader, section: Span): readonly HeaderAttribute[] {
  const found: HeaderAttribute[] = []
  let offset = section.offset
  for (let read = 0; read < MOST_RESOURCES && offset + 12 <= end(section); read += 1) {
    const head = reader.at({ offset, lengthBytes: 7 })
    const signature = String.fromCharCode(...head.bytes(4))
    const [id, nameBytes] = [head.u16(), head.u8()]
    if (signature !== "8BIM" && signature !== "MeSa") break
    const data = sectionAt(reader, offset + 6 + nameBytes + 1 + ((nameBytes + 1) % 2))
    if (end(data) > end(section)) break
    if (id === ICC) found.push(attribute(ICC_ATTRIBUTE, "resource", { value: data.lengthBytes, span: data }))
    if (id === VERSION && data.lengthBytes >= 5 && reader.bytes({ offset: data.offset + 4, lengthBytes: 1 })[0] === 0)
      refuse("picture/unsupported", "The PSD holds layers only, no composite: save it with maximized compatibility.")
    offset = end(data) + (data.lengthBytes % 2)
  }
  return found
}
