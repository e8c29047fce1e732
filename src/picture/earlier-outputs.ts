import { isDeepStrictEqual } from "node:util"
import type { Colorspace, Selection } from "../events/records.generated.ts"
import { done, type Result } from "../events/result.ts"
import type { InspectedSource, Reading, ReadRequest } from "./model.ts"
import type { HeaderLimits } from "./read/header/limits.ts"
import { readGrowing } from "./read/header/read.ts"
import { decideReading } from "./read/reading.ts"
import { BUNDLED_BEFORE, CHANGES, type RecipeChange } from "./recipes.ts"

/** What outputs say of how they were made: a part of their object metadata. */
export type EarlierOutputs = {
  readonly recipe: number
  readonly selection: Selection
  readonly colorspace: Colorspace
  readonly allBlack: boolean
}

export type EarlierOutputsRequest = {
  readonly source: Pick<InspectedSource, "sizeBytes" | "readSpan">
  readonly request: Omit<ReadRequest, "sourceFile">
  readonly earlier: EarlierOutputs
}

/** The engine as it is today. */
export type Today = {
  readonly recipe: number
  readonly configHash: string
  /** The OCIO config is the bundled one: what earlier ones had, it has. */
  readonly isBundled: boolean
  readonly limits: HeaderLimits
  readonly ownReaders: boolean
}

/**
 * Whether earlier outputs show what today's would. The header is read only where the changes of the recipe since then say
 * something of it; a header that cannot be read is left to the way that every frame takes.
 */
export const openEarlierOutputsCheck =
  (today: Today) =>
  async ({ source, request, earlier }: EarlierOutputsRequest): Promise<Result<boolean>> => {
    const changes = changesSince(earlier.recipe, today.recipe)
    if (changes === null || !isKnownConfig(earlier, today) || earlier.allBlack) return done(false)
    const { configHash, limits, ownReaders } = today
    const asked = { ...request, configHash, limits, ownReaders }
    const read = await readGrowing(source, (file) => decideReading(file, asked), limits)
    if (read.ok) return done(showsTheSame(earlier, read.value.value, changes))
    return read.failure.kind === "permanent" ? done(false) : read
  }

/** Every change from one recipe to another, in order; null where none is known to lead there. */
export function changesSince(
  before: number,
  recipe: number,
  known: readonly RecipeChange[] = CHANGES,
): readonly RecipeChange[] | null {
  if (before === recipe) return []
  const next = known.find((change) => change.before === before)
  const rest = next === undefined ? null : changesSince(next.after, recipe, known)
  return next === undefined || rest === null ? null : [next, ...rest]
}

/** What a facility wrote into a config of its own cannot be told from its hash. */
const isKnownConfig = ({ colorspace }: EarlierOutputs, { configHash, isBundled }: Today): boolean =>
  colorspace.configHash === configHash || (isBundled && BUNDLED_BEFORE.has(colorspace.configHash))

/** The same picture of the file in the same colours, and nothing that a change since then touches. */
export function showsTheSame(earlier: EarlierOutputs, reading: Reading, changes: readonly RecipeChange[]): boolean {
  return isDeepStrictEqual(deciding(earlier), deciding(reading)) && !changes.some(({ differs }) => differs(reading))
}

/** All that decides pictures. Of a DPX, the reason tells where its samples were found, and what their codes mean. */
function deciding({ selection, colorspace }: Pick<Reading, "selection" | "colorspace">): object {
  const { format, part, view, layer, channels, displayWindow, dataWindow, pixelAspect, orientation } = selection
  const { configSpace, encoding, matrix, look } = colorspace
  return {
    ...{ format, part, view, layer, channels, displayWindow, dataWindow, pixelAspect, orientation },
    ...{ frameRate: selection.frameRate, timecode: selection.timecode, deep: selection.deep },
    ...(format === "dpx" ? { reason: selection.reason } : {}),
    ...{ configSpace, encoding, matrix, look },
  }
}
