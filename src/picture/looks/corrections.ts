import { parseXml, type XmlElement } from "./xml.ts"

/**
 * Which correction of a .cdl or .ccc file is meant, by its number as OpenColorIO counts them: the one of an id, or the only
 * one there is. The problem is the end of a sentence about the file.
 */
export function correctionOf(bytes: Uint8Array, id: string | null): { readonly index: number } | { problem: string } {
  const root = parseXml(bytes)
  if ("problem" in root) return root
  const ids = allCorrections(root).map(({ attributes }) => attributes.get("id") ?? "")
  if (ids.length === 0) return { problem: "holds no ColorCorrection" }
  if (id === null && ids.length === 1) return { index: 0 }
  const named = `it has ${ids.length}: ${listed(ids)}`
  if (id === null) return { problem: `holds several corrections, and lookId has to say which one is meant; ${named}` }
  const index = ids.indexOf(id)
  return index < 0 ? { problem: `holds no correction with the id ${JSON.stringify(id)}; ${named}` } : { index }
}

const MOST_LISTED = 10

const listed = (ids: readonly string[]): string =>
  [...ids.slice(0, MOST_LISTED).map((id) => JSON.stringify(id)), ...(ids.length > MOST_LISTED ? ["..."] : [])].join(
    ", ",
  )

const allCorrections = (element: XmlElement): readonly XmlElement[] =>
  element.name === "ColorCorrection" ? [element] : element.children.flatMap(allCorrections)
