import { createHash } from "node:crypto"
import { childNamed, parseXml, type XmlElement } from "../../picture/looks/xml.ts"
import { c4Of, escaped, isHashOf, pathProblem } from "./formats.ts"

// `ascmhl/ascmhl_chain.xml`, which names the lists of a folder in the order in which they were made.

/** A list as `ascmhl_chain.xml` names it. */
export type ChainLink = { readonly name: string; readonly c4: string }

/** The C4 id of bytes or text that comes in pieces. */
export function openC4(): { readonly add: (piece: string | Uint8Array) => void; readonly id: () => string } {
  const sha512 = createHash("sha512")
  return { add: (piece) => void sha512.update(piece), id: () => c4Of(sha512.digest("hex")) }
}

/** The C4 id of a list, of its pieces. */
export function c4OfText(pieces: Iterable<string>): string {
  const c4 = openC4()
  for (const piece of pieces) c4.add(piece)
  return c4.id()
}

/** The chain of lists, the first generation first. */
export const chainText = (links: readonly ChainLink[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
${links
  .map(
    ({ name, c4 }, index) => `  <hashlist sequencenr="${index + 1}">
    <path>${escaped(name)}</path>
    <c4>${c4}</c4>
  </hashlist>
`,
  )
  .join("")}</ascmhldirectory>
`

/** What a chain names, the first generation first; or what is wrong with it, as the end of a sentence. */
export function readChain(bytes: Uint8Array): readonly ChainLink[] | { readonly problem: string } {
  const root = parseXml(bytes)
  if ("problem" in root) return root
  if (root.name !== "ascmhldirectory") return { problem: "is no chain of ASC MHL 2.0" }
  const links: ChainLink[] = []
  for (const list of root.children.filter(({ name }) => name === "hashlist")) {
    const [generation, link] = [list.attributes.get("sequencenr"), linkOf(list)]
    // One that is left out, or told twice, would be hidden otherwise.
    if (generation !== String(links.length + 1))
      return { problem: `has no generation ${links.length + 1} in its place` }
    if (link === null) return { problem: `does not name generation ${generation} and its C4 id` }
    links.push(link)
  }
  return links
}

/** A list lies beside its chain: its name is no path. */
function linkOf(list: XmlElement): ChainLink | null {
  const [name = "", c4 = ""] = ["path", "c4"].map((child) => childNamed(list, child)?.text.trim())
  return pathProblem(name) === null && !name.includes("/") && isHashOf("c4", c4) ? { name, c4 } : null
}
