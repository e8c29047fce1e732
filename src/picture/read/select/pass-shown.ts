import { failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import type { DataKind, PictureChoice } from "../../index.ts"
import { chosenSays, isChoice } from "./choice.ts"
import type { PassCandidate } from "./passes.ts"
import type { Shown } from "./shown.ts"

/** What each kind of data is called, and how it is shown. */
const KINDS: Readonly<Record<DataKind, readonly [name: string, how: string]>> = {
  depth: ["depth", "in grey, from the smallest value (black, near) to the largest (white, far)"],
  normals: ["normals", "as colour, 0.5 + 0.5 n of each axis"],
  motion: ["motion vectors", "x in red and y in green around grey, full at the length of the longest vector"],
  position: ["positions", "as colour, each axis from its smallest to its largest value"],
  uv: ["texture coordinates", "u in red and v in green, from 0 to 1"],
  ids: ["ids", "in false colour, which the id alone decides; 0 is black"],
  cryptomatte: ["cryptomatte", "in false colour, which the id alone decides, each rank by its coverage"],
}

export const passName = (kind: DataKind): string => KINDS[kind][0]

/** Said where nobody chose data. */
export const insteadSays = (name: string): string =>
  `The file holds no picture that can be shown; shown instead: ${name}.`

/** Where in the file something is: layer, part and view. */
export function placeSays(
  { part, view, layer }: Pick<PassCandidate, "part" | "view" | "layer">,
  hero: string | null,
): string {
  const where = part.name === null ? `part ${part.index}` : `part ${part.index} (${JSON.stringify(part.name)})`
  const ofLayer = layer === null ? "" : ` of layer ${JSON.stringify(layer)}`
  const ofView = view === null ? "" : ` in the ${view === hero ? "hero view" : "view"} ${JSON.stringify(view)}`
  return `${ofLayer} of ${where}${ofView}`
}

/** A pass of data that is shown as its kind usually is. Fails: picture/unsupported for unknown compression. */
export function shownPass(found: PassCandidate, hero: string | null, choice: PictureChoice): Result<Shown> {
  const { kind, part, view, layer, channels } = found
  if (part.compression.startsWith("unknown"))
    return failed(failure("picture/unsupported", `Unsupported compression: ${part.compression}.`))
  const [first = "", second, third] = channels
  const [name, how] = KINDS[kind]
  const reason = `Shows ${name} (${channels.join(", ")})${placeSays(found, hero)}${chosenSays(choice)}, ${how}.`
  const warnings = isChoice(choice) ? [] : [insteadSays(name)]
  const shown = [first, second ?? first, third ?? second ?? first] as const
  return done({ part, view, layer, channels: shown, reason, orientation: 1, warnings, pass: { kind, channels } })
}
