/** Which objects are sources, told by their names: the endings that are read, and what no source is called. */
import { endingOf, isHidden, isOutput } from "./key.ts"

/** Endings of the names of pictures that are rendered wherever no setting says otherwise: the contract's. */
export const CONTRACT_ENDINGS = ["exr", "dpx", "tif", "tiff"] as const

/** Endings of other pictures that are read. They are taken in where the setting `sources` opens them. */
export const OTHER_ENDINGS = [
  ...["png", "jpg", "jpeg", "tga", "webp", "cin", "hdr", "rgbe", "jp2", "j2k", "j2c", "psd", "psb"],
] as const

export const ALL_ENDINGS: readonly string[] = [...CONTRACT_ENDINGS, ...OTHER_ENDINGS]

/** Which keys are sources: endings in lower case, without the dot. */
export type Endings = readonly string[]

/** The endings as a sentence names them: .exr, .dpx, .tif or .tiff. */
export function endingsText(endings: Endings): string {
  const dotted = endings.map((ending) => `.${ending}`)
  const last = dotted.at(-1) ?? ""
  return dotted.length < 2 ? last : `${dotted.slice(0, -1).join(", ")} or ${last}`
}

/** The accepted extension of a key in lower case without its dot; null for anything else. */
export function acceptedExtension(key: string, endings: Endings = CONTRACT_ENDINGS): string | null {
  const ending = endingOf(key)
  return endings.includes(ending) ? ending : null
}

/** A key that wants a thumbnail and a proxy. */
export const isSource = (key: string, endings: Endings = CONTRACT_ENDINGS): boolean =>
  !key.endsWith("/") && !isOutput(key) && !isHidden(key) && acceptedExtension(key, endings) !== null

/** A file that a user may take for a source, although its ending is not one that is read. */
export const isUnsupported = (key: string, endings: Endings = CONTRACT_ENDINGS): boolean =>
  !key.endsWith("/") && !isOutput(key) && !isHidden(key) && acceptedExtension(key, endings) === null

/** Colour space that the object itself states, by tag or else by metadata; null when it states none. */
export const statedSpaceOf = (
  tags: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>>,
): string | null => tags["oiio-colorspace"] ?? metadata["oiio-colorspace"] ?? null

/** Servers whose messages about objects are understood. */
export const DIALECTS = ["vast", "aws", "minio", "versitygw"] as const

/** Who writes the messages, which decides how keys are spelled in them. Declared per source: it cannot be guessed. */
export type Dialect = (typeof DIALECTS)[number]
