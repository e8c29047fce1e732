import type { PicturePlan } from "../../engines/plan.ts"
import type { InputTransform } from "../known-spaces.ts"
import { looksOf, type OutputLook, type Outputs, type ReadyLook } from "../output-looks.ts"

/** The looks of a plan that needs no baking. */
export function plainLooks(plan: PicturePlan, input: InputTransform | null, config: string): Outputs<ReadyLook> {
  const { proxy, thumbnail } = looksOf(plan, input, config)
  return { proxy: plain(proxy), thumbnail: plain(thumbnail) }
}

function plain(look: OutputLook): ReadyLook {
  if (look.kind === "bake") throw new Error("This look must be baked.")
  return look
}
