import { readFile } from "node:fs/promises"
import { type ByProfile, byProfile } from "../../../element/profiles.ts"
import type { Selection } from "../../../events/records.generated.ts"
import type { PicturePlan } from "../../engines/plan.ts"
import { planOf } from "../../engines/testing/readings.ts"
import type { ColourSettings } from "../../model.ts"
import { readingOf } from "../../testing/readings.ts"
import type { InputTransform } from "../known-spaces.ts"
import { looksOf, type ReadyLook } from "../plan.ts"

export type CorpusPlan = {
  readonly colour?: Partial<ColourSettings>
  /** What the header is to have said instead. */
  readonly selection?: Partial<Selection>
}

/** A third of the contract's size: what is compared of the pixels does not depend on it, and takes a fraction of the time. */
const THIRD_SIZE = { proxyWidthPx: 640, proxyHeightPx: 360 }

/** The plan of a file, as the header readers decide it, with plain settings unless `colour` says otherwise. */
export async function corpusPlan(source: string, { colour = {}, selection }: CorpusPlan = {}): Promise<PicturePlan> {
  const reading = readingOf(await readFile(source), source, { colour })
  return planOf({
    selection: { ...reading.selection, ...selection },
    colorspace: reading.colorspace,
    settings: THIRD_SIZE,
  })
}

/** The looks of a plan that needs no baking. */
export const plainLooks = (plan: PicturePlan, input: InputTransform | null, config: string): ByProfile<ReadyLook> =>
  byProfile(
    Object.entries(looksOf(plan, input, config)).map(([name, look]) => {
      if (look === undefined || look.kind === "bake") throw new Error(`The look of ${name} must be baked.`)
      return [name, look] as const
    }),
  )
