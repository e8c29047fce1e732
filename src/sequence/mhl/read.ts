import { SaxesParser, type SaxesTagNS } from "saxes"
import { type HashFormat, isHashFormat, isHashOf, pathProblem } from "./formats.ts"

/** A file as a list has it. */
export type ListedFile = {
  readonly kind: "file"
  readonly path: string
  readonly sizeBytes: number | null
  /** Letters of hex digits are small. */
  readonly hashes: ReadonlyMap<HashFormat, string>
  /** Its list says that the file did not pass a verification. */
  readonly isFailed: boolean
}

/**
 * What a list says: files, entries that cannot be true (which are left out, and the sentence says why), and at last perhaps
 * a problem with the list itself, as the end of a sentence, after which nothing more comes.
 */
export type Listed =
  | ListedFile
  | { readonly kind: "lie"; readonly says: string }
  | { readonly kind: "problem"; readonly says: string }

export type ListLimits = {
  readonly mostBytes: number
  readonly mostFiles: number
}

/** A million frames take some 350 MB. */
export const LIST_LIMITS: ListLimits = { mostBytes: 1024 ** 3, mostFiles: 2_000_000 }

/** The parser sees so much at once, and so much may pass without a single element: it keeps texts until they end. */
const PIECE_LETTERS = 64 * 1024
const MOST_LETTERS_OF_ONE = 1024 * 1024

const MOST_DEPTH = 64
const NAMESPACE = "urn:ASC:MHL:v2.0"

/**
 * Reads an ASC MHL 2.0 list. Memory holds a piece of it, however long it is. No document type is accepted: entities that
 * grow without end, and files of the machine, come in by it.
 */
export async function* readHashList(
  chunks: AsyncIterable<Uint8Array>,
  { mostBytes, mostFiles }: ListLimits = LIST_LIMITS,
): AsyncGenerator<Listed> {
  const decoded = utf8()
  const parsing = parserOf(mostFiles)
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    const text = bytes > mostBytes ? null : decoded(chunk)
    if (text === null) return yield problem(bytes > mostBytes ? `is larger than ${mostBytes} bytes` : NOT_UTF_8)
    for (let at = 0; at < text.length; at += PIECE_LETTERS) {
      yield* parsing.take(text.slice(at, at + PIECE_LETTERS))
      if (parsing.isOver()) return
    }
  }
  const rest = decoded(null)
  if (rest === null) return yield problem(NOT_UTF_8)
  yield* parsing.end(rest)
}

const NOT_UTF_8 = "is not text in UTF-8"

const problem = (says: string): Listed => ({ kind: "problem", says })

/** Text of chunks in UTF-8; of null, of what is left of the last. null where it is none. */
function utf8(): (chunk: Uint8Array | null) => string | null {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  return (chunk) => {
    try {
      return chunk === null ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch (error) {
      if (error instanceof TypeError) return null
      throw error
    }
  }
}

type Building = {
  path: string
  size: string | null
  isFailed: boolean
  readonly hashes: [format: HashFormat, text: string][]
}

type Parsing = {
  take(text: string): readonly Listed[]
  end(text: string): readonly Listed[]
  isOver(): boolean
}

function parserOf(mostFiles: number): Parsing {
  const parser = new SaxesParser({ xmlns: true })
  const state = { open: [] as string[], found: [] as Listed[], files: 0, letters: 0, says: null as string | null }
  const refuse = (says: string): void => {
    state.says ??= says
  }
  let building: Building | null = null
  let text = ""
  parser.on("doctype", () => refuse("has a document type, which is not accepted"))
  parser.on("error", (error) => refuse(`is no XML (${error.message.slice(0, 200)})`))
  parser.on("text", (more) => {
    if (building !== null) text += more
  })
  parser.on("opentag", (tag) => {
    state.letters = 0
    text = ""
    if (state.open.length === 0) refuseRoot(tag, refuse)
    if (state.open.length > MOST_DEPTH) refuse("has too deeply nested elements")
    state.open.push(tag.uri === NAMESPACE ? tag.local : "")
    const inside = state.open.slice(1).join("/")
    if (inside === "hashes/hash") building = { path: "", size: null, isFailed: false, hashes: [] }
    else if (building !== null && state.open.length === 4) begin(building, tag)
  })
  parser.on("closetag", ({ local }) => {
    state.letters = 0
    const inside = state.open.slice(1).join("/")
    if (building !== null && inside === "hashes/hash/path") building.path = text
    else if (building !== null && state.open.length === 4 && isHashFormat(local))
      building.hashes.push([local, text.trim()])
    else if (building !== null && inside === "hashes/hash") {
      state.found.push(listed(building))
      building = null
      if (++state.files > mostFiles) refuse(`lists more than ${mostFiles} files`)
    }
    text = ""
    state.open.pop()
  })
  const taken = (work: () => void): readonly Listed[] => {
    state.found = []
    if (state.says === null) work()
    return state.says === null ? state.found : [...state.found, problem(state.says)]
  }
  return {
    take: (piece) =>
      taken(() => {
        state.letters += piece.length
        parser.write(piece)
        if (state.letters > MOST_LETTERS_OF_ONE) refuse("holds a text that is longer than a list's")
      }),
    end: (rest) => taken(() => parser.write(rest).close()),
    isOver: () => state.says !== null,
  }
}

function refuseRoot({ local, uri, attributes }: SaxesTagNS, refuse: (says: string) => void): void {
  const version = attributes.version?.value ?? "none"
  if (local !== "hashlist" || uri !== NAMESPACE) refuse("is no list of ASC MHL 2.0 (its root says something else)")
  else if (!version.startsWith("2.")) refuse(`is of version ${version.slice(0, 20)}, and 2.0 is read`)
}

/** An element of a `hash` has attributes that count. */
function begin(building: Building, { local, attributes }: SaxesTagNS): void {
  if (local === "path") building.size = attributes.size?.value ?? null
  else if (attributes.action?.value === "failed") building.isFailed = true
}

function listed({ path, size, isFailed, hashes }: Building): Listed {
  const lie = (says: string): Listed => ({ kind: "lie", says: `${JSON.stringify(path.slice(0, 200))} ${says}.` })
  const bad = pathProblem(path)
  if (bad !== null) return lie(bad)
  if (size !== null && !/^\d{1,15}$/.test(size)) return lie(`has the size ${JSON.stringify(size.slice(0, 40))}`)
  const wrong = hashes.find(([format, text]) => !isHashOf(format, text))
  if (wrong !== undefined) return lie(`has no ${wrong[0]} but ${JSON.stringify(wrong[1].slice(0, 100))}`)
  const known = new Map(hashes.map(([format, text]) => [format, format === "c4" ? text : text.toLowerCase()]))
  if (known.size < new Set(hashes.map(([format, text]) => `${format} ${text.toLowerCase()}`)).size)
    return lie("has two hashes of one kind that differ")
  return { kind: "file", path, sizeBytes: size === null ? null : Number(size), hashes: known, isFailed }
}
