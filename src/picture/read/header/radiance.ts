import { attempt, type FileBytes, type HeaderOutcome, refuse } from "./bytes.ts"
import type { HeaderLimits } from "./limits.ts"
import type { HeaderAttribute, PictureHeader } from "./model.ts"
import { attribute, headerReader, stillHeader, stillPart } from "./still.ts"
import { headerText } from "./text.ts"

/** Longest header that is looked at: lines of the programs that the picture went through. */
const MOST_BYTES = 65_536
/** Exif's orientation of each resolution line: where the first row and the first pixel of a row lie. */
const ORIENTATIONS: Readonly<Record<string, number>> = {
  "-Y+X": 1,
  "-Y-X": 2,
  "+Y-X": 3,
  "+Y+X": 4,
  "+X-Y": 5,
  "-X-Y": 6,
  "-X+Y": 7,
  "+X+Y": 8,
}

/**
 * Header of a Radiance picture: lines of text up to an empty one, then the resolution. The magic has been checked.
 * Fails: picture/damaged, picture/unsupported, picture/over-limit.
 */
export const readRadiance = (file: FileBytes, limits: HeaderLimits): HeaderOutcome<PictureHeader> =>
  attempt(() => {
    const reader = headerReader(file, true)
    const span = { offset: 0, lengthBytes: Math.min(MOST_BYTES, file.fileSizeBytes) }
    const text = headerText(reader.bytes(span).slice(0, MOST_BYTES))
    const [, head = "", resolution = ""] = /^([\s\S]*?)\r?\n\r?\n([^\n]{1,64})\n/.exec(text) ?? []
    const [, ySign, y, ySize, xSign, x, xSize] =
      /^([+-])([XY]) (\d{1,9}) ([+-])([XY]) (\d{1,9})\s*$/.exec(resolution) ?? []
    const orientation = ORIENTATIONS[`${ySign}${y}${xSign}${x}`]
    if (orientation === undefined)
      return refuse("picture/damaged", "The Radiance picture has no resolution line that can be read.")
    const stated = (name: string): string | null => new RegExp(`^${name}=\\s*(.*?)\\s*$`, "m").exec(head)?.[1] ?? null
    const format = stated("FORMAT") ?? "none"
    if (format !== "32-bit_rle_rgbe")
      refuse(
        "picture/unsupported",
        `The Radiance picture is of format ${JSON.stringify(format.slice(0, 40))}; 32-bit_rle_rgbe is read.`,
      )
    const named = (name: string, value: HeaderAttribute["value"]): HeaderAttribute =>
      attribute(name, "text", { value, span })
    const primaries = stated("PRIMARIES")?.split(/\s+/).map(Number)
    const texts = ["EXPOSURE", "COLORCORR", "SOFTWARE", "VIEW"].flatMap((name) => {
      const value = stated(name)
      return value === null ? [] : [named(name, value.slice(0, 1024))]
    })
    const part = stillPart(
      {
        width: Number(xSize),
        height: Number(ySize),
        channels: ["R", "G", "B"],
        pixelType: "float32",
        compression: "rgbe",
        pixelAspect: aspectOf(stated("PIXASPECT")),
        attributes: [
          named("Orientation", orientation),
          ...texts,
          ...(primaries === undefined ? [] : [named("PRIMARIES", primaries)]),
        ],
      },
      limits,
    )
    return stillHeader("radiance", { part, warnings: [], reader })
  })

/** Height over width of a pixel, as the format has it. */
function aspectOf(stated: string | null): number {
  const aspect = 1 / Number(stated ?? 1)
  return aspect >= 0.1 && aspect <= 10 ? aspect : 1
}
