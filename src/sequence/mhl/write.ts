import { escaped, isXmlText, pathProblem } from "./formats.ts"

export type HashedFile = {
  /** Relative to the folder that holds `ascmhl/`. */
  readonly path: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
  /** XXH3-128 of its bytes, 32 hex digits. */
  readonly contentHash: string
  /** When the hash was made, epoch milliseconds. */
  readonly hashedAtMs: number
}

export type ListOrigin = { readonly atMs: number; readonly hostname: string; readonly toolVersion: string }

/** With the list's own namespace; readers leave out what is not in it. */
const OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">'

/** As the reference implementation ignores them, and what we put beside the frames. */
const IGNORED = [".DS_Store", "ascmhl", "ascmhl/", ".proxies/"]

/**
 * An ASC MHL 2.0 list, in pieces. Directories have no hashes in it, as `ascmhl create --no_directory_hashes` writes it: only
 * some of their files are listed. A path that no list can hold goes to `unlisted`.
 */
export function* hashListText(
  files: Iterable<HashedFile>,
  { atMs, hostname, toolVersion }: ListOrigin,
  unlisted: string[],
): Generator<string> {
  yield `${OPENING}
  <creatorinfo>
    <creationdate>${dateText(atMs)}</creationdate>
    <hostname>${escaped(hostname)}</hostname>
    <tool version="${escaped(toolVersion)}">oiio-proxy-generator</tool>
  </creatorinfo>
  <processinfo>
    <process>in-place</process>
    <ignore>
${IGNORED.map((pattern) => `      <pattern>${pattern}</pattern>\n`).join("")}    </ignore>
  </processinfo>
`
  let isOpen = false
  for (const file of files) {
    if (pathProblem(file.path) !== null || !isXmlText(file.path)) {
      unlisted.push(file.path)
      continue
    }
    yield (isOpen ? "" : "  <hashes>\n") + hashText(file)
    isOpen = true
  }
  yield `${isOpen ? "  </hashes>\n" : ""}</hashlist>\n`
}

const hashText = ({ path, sizeBytes, lastModifiedMs, contentHash, hashedAtMs }: HashedFile): string => `    <hash>
      <path size="${sizeBytes}" lastmodificationdate="${dateText(lastModifiedMs)}">${escaped(path)}</path>
      <xxh128 action="original" hashdate="${dateText(hashedAtMs)}">${contentHash}</xxh128>
    </hash>
`

const dateText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`

/** Name of a list in `ascmhl/`: `0001_shot_2026-01-31_120000Z.mhl`. */
export function hashListName(generation: number, folder: string, atMs: number): string {
  const [date = "", time = ""] = new Date(atMs).toISOString().split("T")
  return `${String(generation).padStart(4, "0")}_${folder}_${date}_${time.slice(0, 8).replaceAll(":", "")}Z.mhl`
}
