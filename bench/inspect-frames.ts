import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs"
import { extname, join } from "node:path"
import type { FactOf } from "../src/events/fact.ts"
import { elementIdOf, factIdOf } from "../src/events/identity.ts"
import { element } from "../src/events/testing/facts.ts"
import { firstBytes } from "../src/picture/header/bytes.ts"
import { DEFAULT_LIMITS } from "../src/picture/header/limits.ts"
import { corpusPath } from "../src/picture/header/testing/corpus.ts"
import { inspectHeader } from "../src/picture/inspect/inspect.ts"

/** The beginning of a file of the corpus, as much as an inspection reads, and its whole size. */
export type Header = { readonly extension: string; readonly start: Uint8Array; readonly sizeBytes: number }

/** Of pictures whose header stands in the first 64 KiB; those that are read apart have no short beginning to copy. */
export function headersOf(): readonly Header[] {
  const root = corpusPath("")
  const names = readdirSync(root, { recursive: true }).map(String).filter(isPicture).sort()
  return names.flatMap((name) => {
    const bytes = readFileSync(join(root, name))
    const header = { extension: extname(name), start: bytes.subarray(0, 65_536), sizeBytes: bytes.length }
    return isShort(bytes, header.extension) ? [header] : []
  })
}

const isPicture = (name: string): boolean => /\.(exr|dpx|tif)$/i.test(name) && !name.includes("Damaged")

function isShort(bytes: Uint8Array, extension: string): boolean {
  const start = firstBytes(bytes.subarray(0, 65_536), bytes.length)
  return inspectHeader(start, { key: `a${extension}`, limits: DEFAULT_LIMITS }).kind === "read"
}

/** Writes `count` frames with these headers in turn, sparse behind them; gives their keys. */
export function framesFrom(headers: readonly Header[], folder: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const { extension, start, sizeBytes } = headers[index % headers.length] as Header
    const key = `frame.${String(index).padStart(6, "0")}${extension}`
    const file = openSync(join(folder, key), "w")
    writeSync(file, start)
    ftruncateSync(file, sizeBytes)
    closeSync(file)
    return key
  })
}

export const arrivals = (keys: readonly string[]): readonly FactOf<"element-created">[] =>
  keys.map((key, offset) => {
    const elementId = elementIdOf({ record: { topic: "bench", partition: 0, offset, recordIndex: 0 } })
    const arrived = element({ key, elementId, triggerId: elementId })
    const factId = factIdOf("element-created", elementId)
    const value = { factId, causationId: elementId, recordedAtMs: arrived.arrivedAtMs, element: arrived }
    return { topic: "element-created", value }
  })
