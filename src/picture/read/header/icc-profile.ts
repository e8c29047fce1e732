import { inflateSync } from "node:zlib"
import { attempt, type FileBytes, type HeaderOutcome, openCursor } from "./bytes.ts"
import { attributeNamed, type HeaderAttribute, type HeaderPart } from "./model.ts"

/** Name of the attribute that holds an ICC profile, whatever the format. */
export const ICC_ATTRIBUTE = "ICCProfile"
/** How a profile lies in the file, where it is not simply there: its value lists offset and length of its stretches in turn. */
export const IN_SEGMENTS = "segments"
export const DEFLATED = "deflated"

/** Curves and primaries stand in the beginning of a profile; what makes one longer than this is tables. */
const ICC_BYTES = 2 ** 20

/**
 * The ICC profile of a picture, as far as it is looked at; null where there is none. Empty where it cannot be unpacked.
 * Fails: picture/damaged where the file ends before it does.
 */
export function iccBytes(file: FileBytes, part: HeaderPart): HeaderOutcome<Uint8Array | null> {
  const profile = attributeNamed(part, ICC_ATTRIBUTE)
  if (profile === undefined) return { kind: "read", value: null }
  return attempt(() => {
    const cursor = openCursor(file, true)
    if (profile.type === IN_SEGMENTS) {
      const pieces = stretchesOf(profile).map(([offset, lengthBytes]) => {
        cursor.seek(offset)
        return cursor.bytes(lengthBytes)
      })
      return Uint8Array.from(Buffer.concat(pieces).subarray(0, ICC_BYTES))
    }
    cursor.seek(profile.span.offset)
    const bytes = cursor.bytes(Math.min(profile.span.lengthBytes, ICC_BYTES))
    return profile.type === DEFLATED ? inflated(bytes) : bytes
  })
}

/** Offset and length of each, as many as a profile that is looked at takes. */
function stretchesOf({ value }: HeaderAttribute): readonly (readonly [number, number])[] {
  const numbers = Array.isArray(value) ? value.filter((one) => typeof one === "number") : []
  const all = numbers.flatMap((offset, at) => (at % 2 === 0 ? [[offset, numbers[at + 1] ?? 0] as const] : []))
  let bytes = 0
  return all.filter(([, lengthBytes]) => {
    const isNeeded = bytes < ICC_BYTES
    bytes += lengthBytes
    return isNeeded
  })
}

/** A stream that is damaged, or unpacks to more than is looked at, holds no profile that could be followed. */
function inflated(bytes: Uint8Array): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: ICC_BYTES })
  } catch (error) {
    if (error instanceof Error && "code" in error) return new Uint8Array(0)
    throw error
  }
}
