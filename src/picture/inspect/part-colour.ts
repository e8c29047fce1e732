import { decideColour } from "../read/colour/decide.ts"
import type { FileBytes } from "../read/header/bytes.ts"
import type { HeaderLimits } from "../read/header/limits.ts"
import type { HeaderPart, PictureHeader } from "../read/header/model.ts"
import { iccBytes } from "../read/header/profile.ts"
import { isData } from "../read/select/pass-kinds.ts"
import { selectPicture } from "../read/select/selection.ts"

/** Attributes in which OpenImageIO and renderers write the name of the space down. */
const STATED: ReadonlySet<string> = new Set(["oiio:colorspace", "colorspace"])

type Inspecting = { readonly file: FileBytes; readonly key: string; readonly limits: HeaderLimits }

/**
 * The colour space of one part as the header alone says: the name that stands there, else what the colour rules decide for
 * the channels that would be shown of it. Null for a part of which nothing can be shown.
 */
export function partColour(header: PictureHeader, part: HeaderPart, { file, key, limits }: Inspecting): string | null {
  const request = { fileSizeBytes: file.fileSizeBytes, limits, ownReaders: true }
  const shown = selectPicture({ ...header, parts: [part] }, request)
  if (!shown.ok || isData(shown.value.pass)) return null
  const stated = part.attributes.find(({ name }) => STATED.has(name.toLowerCase()))?.value
  if (typeof stated === "string" && stated !== "") return stated
  const icc = iccBytes(file, part)
  const source = {
    format: header.format,
    part,
    firstPart: header.parts[0] ?? part,
    channels: shown.value.selection.channels,
    iccBytes: icc.kind === "read" ? icc.value : null,
  }
  return decideColour({ source, key, ...NOTHING_SET }).colorspace.name
}

/** No setting, no tag, no token of a file name: those are the renderer's to weigh. */
const NOTHING_SET = {
  statedSpace: null,
  colour: { inputSpace: null, look: "", cameraTokens: false },
  configHash: "",
} as const
