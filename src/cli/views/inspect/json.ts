import { jsonText } from "../../../system/visible.ts"
import { type Glanced, remarksOf } from "./glance.ts"
import { picturesOf } from "./pictures.ts"

/**
 * One JSON object with the field names of the events: what SourceInspected holds of the header, and what
 * ColorspaceDetected would say; `pictures` are all that can be chosen, each with its choice; `rendering` is the failure where nothing can be shown.
 */
export function inspectionJson(glanced: Glanced): string {
  const { name, sizeBytes, bytesRead, told, reading } = glanced
  const shown = reading.ok
    ? { selection: reading.value.selection, colorspace: ownColour(reading.value.colorspace), failure: null }
    : { selection: null, colorspace: null, failure: reading.failure }
  return `${jsonText({ name, sizeBytes, bytesRead, ...told, ...shown, pictures: picturesOf(glanced), warnings: remarksOf(glanced) })}\n`
}

/** No config was opened to find this out. */
const ownColour = <T extends { readonly configHash: string }>({ configHash: _, ...colour }: T): Omit<T, "configHash"> =>
  colour
