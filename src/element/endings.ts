/** Endings of the names of pictures that are rendered wherever no setting says otherwise: the contract's. */
export const CONTRACT_ENDINGS = ["exr", "dpx", "tif", "tiff"] as const

/** Endings of other pictures that are read. They are taken in where the setting `sources` opens them. */
export const OTHER_ENDINGS = [
  ...["png", "jpg", "jpeg", "tga", "webp", "cin", "hdr", "rgbe", "jp2", "j2k", "j2c", "psd", "psb"],
] as const

export const ALL_ENDINGS: readonly string[] = [...CONTRACT_ENDINGS, ...OTHER_ENDINGS]

/** Which keys are sources: endings in lower case, without the dot. */
export type Endings = readonly string[]

/** What stands behind the last dot of a key's file name, in lower case; empty where nothing does. */
export function endingOf(key: string): string {
  const file = key.slice(key.lastIndexOf("/") + 1)
  const dot = file.lastIndexOf(".")
  return dot < 1 ? "" : file.slice(dot + 1).toLowerCase()
}

/** The endings as a sentence names them: .exr, .dpx, .tif or .tiff. */
export function endingsText(endings: Endings): string {
  const dotted = endings.map((ending) => `.${ending}`)
  const last = dotted.at(-1) ?? ""
  return dotted.length < 2 ? last : `${dotted.slice(0, -1).join(", ")} or ${last}`
}
