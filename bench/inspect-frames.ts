import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs"
import { extname, join } from "node:path"
import type { FactOf } from "../src/events/fact.ts"
import { elementIdOf, factIdOf } from "../src/events/identity.ts"
import { element } from "../src/events/testing/facts.ts"
import { inspectHeader } from "../src/picture/inspect/inspector.ts"
import { firstBytes } from "../src/picture/read/header/bytes.ts"
import { DEFAULT_LIMITS } from "../src/picture/read/header/limits.ts"
import { corpusPath } from "../src/picture/read/header/testing/corpus.ts"

/** The beginning of a file of the corpus, as much as an inspection reads, and its whole size. */
export type Header = { readonly extension: string; readonly start: Uint8Array; readonly sizeBytes: number }

/**
 * Of pictures whose header stands in the first 64 KiB; those that are read apart have no short beginning to copy. With
 * `cutAtBytes` only of those that are as good in a file of that size.
 */
export function headersOf(cutAtBytes = Number.POSITIVE_INFINITY): readonly Header[] {
  const root = corpusPath("")
  const names = readdirSync(root, { recursive: true }).map(String).filter(isPicture).sort()
  return names.flatMap((name) => {
    const bytes = readFileSync(join(root, name))
    const sizeBytes = Math.min(bytes.length, cutAtBytes)
    const header = { extension: extname(name), start: bytes.subarray(0, Math.min(65_536, sizeBytes)), sizeBytes }
    return isWhole(header) ? [header] : []
  })
}

const isPicture = (name: string): boolean => /\.(exr|dpx|tif)$/i.test(name) && !name.includes("Damaged")

const isWhole = ({ start, sizeBytes, extension }: Header): boolean =>
  inspectHeader(firstBytes(start, sizeBytes), { key: `a${extension}`, limits: DEFAULT_LIMITS }).kind === "read"

/** Names of `count` frames with these headers in turn. */
export const keysOf = (headers: readonly Header[], count: number): readonly string[] =>
  Array.from(
    { length: count },
    (_, index) => `frame.${String(index).padStart(6, "0")}${headers[index % headers.length]?.extension}`,
  )

/** Writes `count` frames with these headers in turn, sparse behind them; gives their keys. */
export function framesFrom(headers: readonly Header[], folder: string, count: number): readonly string[] {
  const keys = keysOf(headers, count)
  for (const [index, key] of keys.entries()) {
    const { start, sizeBytes } = headers[index % headers.length] as Header
    const file = openSync(join(folder, key), "w")
    writeSync(file, start)
    ftruncateSync(file, sizeBytes)
    closeSync(file)
  }
  return keys
}

export const arrivals = (keys: readonly string[]): readonly FactOf<"element-created">[] =>
  keys.map((key, offset) => {
    const elementId = elementIdOf({
      record: { topic: "bench", partition: 0, offset, timestampMs: 0, sha256: "", recordIndex: 0 },
    })
    const arrived = element({ key, elementId, triggerId: elementId })
    const factId = factIdOf("element-created", elementId)
    const value = {
      factId,
      causationId: elementId,
      recordedAtMs: arrived.arrivedAtMs,
      element: arrived,
      logicalTimeMs: null,
      requestedBy: null,
    }
    return { topic: "element-created", value }
  })
