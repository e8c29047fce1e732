import { type ByProfile, byProfile } from "../../../element/profiles.ts"
import type { PicturePlan } from "../../engines/plan.ts"
import type { InputTransform } from "../known-spaces.ts"
import { looksOf, type ReadyLook } from "../output-looks.ts"

/** The looks of a plan that needs no baking. */
export const plainLooks = (plan: PicturePlan, input: InputTransform | null, config: string): ByProfile<ReadyLook> =>
  byProfile(
    Object.entries(looksOf(plan, input, config)).map(([name, look]) => {
      if (look === undefined || look.kind === "bake") throw new Error(`The look of ${name} must be baked.`)
      return [name, look] as const
    }),
  )
