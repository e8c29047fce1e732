// Which objects a message may tell of are not taken in, and why.

import { isHidden, isOutput } from "../../element/key.ts"
import { besideSources, isBelowOutputs } from "../../element/output-places.ts"
import { acceptedExtension } from "../../element/source.ts"
import type { Announced, IntakeSource, SkipReason } from "./message.ts"

type Ref = Pick<Announced, "bucket" | "key">

/** Why an object is not taken in; null when it is. */
export function unwanted({ bucket, key }: Ref, source: IntakeSource): SkipReason | null {
  if (isOutput(key) || isBelowOutputs(source.outputsFor ?? besideSources, { bucket, key })) return "output"
  if (key.endsWith("/")) return "folder"
  if (acceptedExtension(key, source.endings) === null) return "extension"
  if (isHidden(key)) return "hidden"
  const elsewhere = unwantedPlace({ bucket, key }, source)
  if (elsewhere !== null) return elsewhere
  const ends = (suffix: string): boolean => key.toLowerCase().endsWith(suffix.toLowerCase())
  return source.suffixes.length === 0 || source.suffixes.some(ends) ? null : "suffix"
}

function unwantedPlace(
  { bucket, key }: Pick<Announced, "bucket" | "key">,
  { buckets, prefixes }: IntakeSource,
): SkipReason | null {
  if (buckets.length > 0 && !buckets.includes(bucket)) return "bucket"
  return prefixes.length === 0 || prefixes.some((prefix) => key.startsWith(prefix)) ? null : "prefix"
}

/** Ends of keys are about frames. */
export const unwantedHint = ({ bucket, key }: Ref, source: IntakeSource): SkipReason | null =>
  isOutput(key) || isBelowOutputs(source.outputsFor ?? besideSources, { bucket, key })
    ? "output"
    : unwantedPlace({ bucket, key }, source)
