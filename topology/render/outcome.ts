import { fileNameOf, stemOf } from "../../src/element/key.ts"
import type { Made } from "../../src/element/output-metadata.ts"
import { areContractNames } from "../../src/element/output-places.ts"
import { THUMBNAIL } from "../../src/element/profiles.ts"
import { latestOf } from "../../src/events/time.ts"
import type { Decided } from "./detect-colorspace.ts"
import { versionWarnings } from "./find-source.ts"
import type { SourceLocated } from "./locate-source.ts"

type Naming = Pick<SourceLocated, "ref" | "claim">

type PictureOfSource = Decided & Pick<Made, "pictureKey">

/** Later than the outputs that were there before, and than all that the arrival knew: the row that tells of them is newer. */
const generatedAtUs = ({ logicalTimeMs }: Pick<SourceLocated, "logicalTimeMs">, nowMs: number): number =>
  latestOf(nowMs, logicalTimeMs) * 1000

/** What outputs say of the element they are for, whether they were rendered for it or copied. */
export function madeFor(state: PictureOfSource, nowMs: number) {
  const { element, renderKey, source, ref, selection, colorspace, logicalTimeMs, contentHash, pictureKey } = state
  return {
    elementId: element.elementId,
    renderKey,
    sourceVersion: source.sourceVersion,
    sourceName: fileNameOf(ref.key),
    selection,
    colorspace,
    generatedAtUs: generatedAtUs(state, nowMs),
    logicalTimeMs,
    contentHash,
    pictureKey,
  } satisfies Partial<Made>
}

const NAME_WARNING = "Another source of the same name holds "

/** Somebody who looks for the contract's name must be able to find out why it shows another picture. */
function nameWarning({ ref, claim: { names } }: Naming): string[] {
  return areContractNames(names, ref.key)
    ? []
    : [`${NAME_WARNING}${stemOf(ref.key)}${THUMBNAIL.suffix}, so the outputs carry the full file name.`]
}

/** Each once. Outputs may come from another source: what is true of its name and version alone is left out. */
export function warningsOf(
  state: Naming & Pick<SourceLocated, "source">,
  ...warnings: readonly (readonly string[])[]
): string[] {
  const ofVersions = versionWarnings({ etag: null, versionId: null })
  const isOfPicture = (warning: string): boolean => !(warning.startsWith(NAME_WARNING) || ofVersions.includes(warning))
  return [...new Set([...warnings.flat().filter(isOfPicture), ...nameWarning(state), ...versionWarnings(state.source)])]
}
