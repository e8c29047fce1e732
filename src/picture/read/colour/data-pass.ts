import type { Colorspace } from "../../../events/records.generated.ts"
import type { DataPass } from "../../index.ts"

/**
 * The colour space of a pass of data: none. Its values become code values of the outputs, which no view and no curve
 * touches, whatever the header or a setting says of the file's colours.
 */
export const dataColour = (
  { channels }: DataPass,
  { look, configHash }: Pick<Colorspace, "look" | "configHash">,
): Colorspace => ({
  name: "data",
  configSpace: "data",
  encoding: "display",
  matrix: [],
  rule: "data-pass",
  evidence: `${channels.join(", ")} ${channels.length === 1 ? "is" : "are"} data, not colour: no view is applied.`,
  look,
  configHash,
})
