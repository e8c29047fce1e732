import { failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import type { PictureChoice } from "../../index.ts"
import { numberNamed, type PictureHeader } from "../header/model.ts"
import { chosenSays, elementMissing, plainChannels } from "./choice.ts"
import { channelsText, grey, type Shown } from "./shown.ts"

/**
 * The one picture of a file that has no parts. The decoder makes R, G, B of palettes and inks.
 * Fails: picture/choice-missing.
 */
export function shownStill({ parts: [part], format }: PictureHeader, choice: PictureChoice): Result<Shown> {
  if (part === undefined) return failed(failure("picture/damaged", "The file has no picture."))
  if (choice.part !== undefined && choice.part !== 0) return failed(elementMissing("part", choice.part, ["0"]))
  const usual = part.channels[0]?.name === "Y" ? grey("Y") : (["R", "G", "B"] as const)
  const there = [...new Set(usual), ...part.channels.flatMap(({ name }) => (name === "A" ? [name] : []))]
  const channels = plainChannels(choice, { what: `a picture of ${format}`, there })
  if (!channels.ok) return channels
  const shown = channels.value ?? usual
  return done({
    part,
    view: null,
    layer: null,
    channels: shown,
    reason: `Shows ${channelsText(shown)} of the ${format} picture${chosenSays(choice)}.`,
    orientation: numberNamed(part, "Orientation") ?? 1,
    warnings: [],
  })
}
