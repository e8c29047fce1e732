// What the text of a config's file names.

import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml"
import type { OcioConfig } from "./ocio-config.ts"

/** Reads names out of a config's text; OCIO itself, inside oiiotool, is the judge of the rest. Null when it is none. */
export function parseOcioConfig(path: string, text: string): OcioConfig | null {
  // OCIO tags every map (!<ColorSpace>); the names inside are plain.
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false })
  const root = document.contents
  if (document.errors.length > 0 || !isMap(root) || !root.has("ocio_profile_version")) return null
  return { path, spaces: new Set([...spacesOf(root), ...keysOf(root.get("roles"))]), displays: displaysOf(root) }
}

function spacesOf(root: YAMLMap): readonly string[] {
  return itemsOf(root.get("colorspaces")).flatMap((space) =>
    isMap(space) ? [...textsOf(space.get("name")), ...itemsOf(space.get("aliases")).flatMap(textsOf)] : [],
  )
}

function displaysOf(root: YAMLMap): ReadonlyMap<string, readonly string[]> {
  const displays = root.get("displays")
  const found = new Map<string, readonly string[]>()
  for (const name of keysOf(displays))
    found.set(name, itemsOf(isMap(displays) ? displays.get(name) : null).flatMap(viewsIn))
  return found
}

/** A display lists views of its own as maps and shared ones as a list of names. */
function viewsIn(item: unknown): readonly string[] {
  if (isMap(item)) return textsOf(item.get("name"))
  return itemsOf(item).flatMap(textsOf)
}

const itemsOf = (node: unknown): readonly unknown[] => (isSeq(node) ? node.items : [])

const keysOf = (node: unknown): readonly string[] => (isMap(node) ? node.items.flatMap(({ key }) => textsOf(key)) : [])

function textsOf(node: unknown): readonly string[] {
  const value = isScalar(node) ? node.value : node
  return typeof value === "string" ? [value] : []
}
