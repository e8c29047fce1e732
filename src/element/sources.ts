import { CONTRACT_ENDINGS, type Endings, endingOf } from "./endings.ts"

/** The accepted extension of a key in lower case without its dot; null for anything else. */
export function acceptedExtension(key: string, endings: Endings = CONTRACT_ENDINGS): string | null {
  const ending = endingOf(key)
  return endings.includes(ending) ? ending : null
}

/** No loops: whatever lies below a `.proxies` segment is somebody's output, whatever the trigger's filter let through. */
export const isOutput = (key: string): boolean => /(^|\/)\.proxies\//.test(key)

/** A file whose name begins with a dot is somebody's by-work: what macOS puts beside a file, what a copy has not finished. */
export const isHidden = (key: string): boolean => key.startsWith(".", key.lastIndexOf("/") + 1)

/** A key that wants a thumbnail and a proxy. */
export const isSource = (key: string, endings: Endings = CONTRACT_ENDINGS): boolean =>
  !key.endsWith("/") && !isOutput(key) && !isHidden(key) && acceptedExtension(key, endings) !== null

/** A file that somebody may have taken for a source, by a name that no source has. */
export const isUnsupported = (key: string, endings: Endings = CONTRACT_ENDINGS): boolean =>
  !key.endsWith("/") && !isOutput(key) && !isHidden(key) && acceptedExtension(key, endings) === null

/** Colour space that the object itself states, by tag or else by metadata; null when it states none. */
export const statedSpaceOf = (
  tags: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>>,
): string | null => tags["oiio-colorspace"] ?? metadata["oiio-colorspace"] ?? null
