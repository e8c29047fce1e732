import { SaxesParser, type SaxesTagNS } from "saxes"

/** An element by its local name: look files come with their namespaces, with other prefixes, or with none. */
export type XmlElement = {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** All text directly inside. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

type Building = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { readonly children: XmlElement[] }

const MOST_BYTES = 4 * 2 ** 20
const MOST_ELEMENTS = 100_000
const MOST_DEPTH = 64

/** Ends the parser, which knows no other way to be stopped. */
class XmlRefusal extends Error {}

/**
 * The root of a small XML document, or what is wrong with it, as the end of a sentence. No document type is accepted: it is
 * what entities that grow without end and files of the machine come in by, and no look file needs one.
 */
export function parseXml(bytes: Uint8Array): XmlElement | { readonly problem: string } {
  const known = PARSED.get(bytes) ?? parsed(bytes)
  PARSED.set(bytes, known)
  return known
}

/** Hundreds of rules may name corrections of one file. */
const PARSED = new WeakMap<Uint8Array, ReturnType<typeof parseXml>>()

function parsed(bytes: Uint8Array): ReturnType<typeof parseXml> {
  if (bytes.length > MOST_BYTES) return { problem: `is larger than ${MOST_BYTES / 2 ** 20} MiB` }
  const text = decoded(bytes)
  if (text === null) return { problem: "is not text in UTF-8" }
  try {
    const root = rootOf(text)
    return root ?? { problem: "holds no XML element" }
  } catch (error) {
    if (error instanceof XmlRefusal) return { problem: error.message }
    throw error
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

function rootOf(text: string): XmlElement | null {
  const parser = new SaxesParser({ xmlns: true })
  const open: Building[] = []
  let [root, count]: [XmlElement | null, number] = [null, 0]
  parser.on("doctype", () => refuse("has a document type, which is not accepted"))
  parser.on("error", (error) => refuse(`is no XML (${error.message})`))
  parser.on("opentag", (tag) => {
    count += 1
    if (count > MOST_ELEMENTS || open.length >= MOST_DEPTH) refuse("has too many or too deeply nested elements")
    const element: Building = { name: tag.local, attributes: attributesOf(tag), text: "", children: [] }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on("closetag", () => open.pop())
  const add = (more: string): void => {
    const inside = open.at(-1)
    if (inside !== undefined) inside.text += more
  }
  parser.on("text", add)
  parser.on("cdata", add)
  parser.write(text).close()
  return root
}

function refuse(says: string): never {
  throw new XmlRefusal(says)
}

const attributesOf = ({ attributes }: SaxesTagNS): ReadonlyMap<string, string> =>
  new Map(Object.values(attributes).map(({ local, value }) => [local, value]))

export const childNamed = ({ children }: XmlElement, ...names: readonly string[]): XmlElement | undefined =>
  children.find(({ name }) => names.includes(name))

/** The element and all below it that have one of the names, in the document's order. */
export const allNamed = (element: XmlElement, name: string): readonly XmlElement[] => [
  ...(element.name === name ? [element] : []),
  ...element.children.flatMap((child) => allNamed(child, name)),
]
