import { numberNamed } from "../header/model.ts"
import { type Finding, inSpace, nothing } from "./decision.ts"
import { dpxSpace } from "./dpx-transfer.ts"
import type { ColourSource } from "./source.ts"
import { SPACES, type Space } from "./spaces.ts"

const spaceOf = (configSpace: string): Space | undefined => SPACES.find((one) => one.configSpace === configSpace)

export function dpxTransfer({ part }: ColourSource): Finding {
  const found = dpxSpace(numberNamed(part, "transfer") ?? 255, numberNamed(part, "bitDepth") ?? 0)
  const space = spaceOf(found.configSpace)
  return space === undefined ? nothing : inSpace(space, found.rule, found.evidence)
}
