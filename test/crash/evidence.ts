import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { madeFromMetadata } from "../../src/element/output-metadata.ts"
import { subjectOf } from "../../src/events/fact.ts"
import { openDirectoryStore } from "../../src/store/directory.ts"
import type { ObjectStore } from "../../src/store/index.ts"
import { historyOf, type Record as LogRecord, recordsOf, statusOf, type Where } from "../machine/answers.ts"
import { filesBelow } from "../machine/frames.ts"

/** What may differ between two runs over the same files: when things happened, and how long they took. */
const TIMES = new Set([
  "recordedAtMs",
  "arrivedAtMs",
  "failedAtUs",
  "generatedAtUs",
  "inspectedAtUs",
  "logicalTimeMs",
  "timingsMs",
  "asOfMs",
  "madeAtMs",
  "processingTimeSeconds",
  "processing_time_seconds",
  "generated_timestamp",
])

/** The value as JSON with sorted keys and without times. */
const timeless = (value: unknown): string =>
  JSON.stringify(value, (name, inner: unknown) => {
    if (TIMES.has(name)) return undefined
    const isRecord = typeof inner === "object" && inner !== null && !Array.isArray(inner)
    return isRecord ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner
  })

/** All that a run leaves, times apart: two runs over the same files must leave the same. */
export type Evidence = {
  readonly rows: readonly string[]
  /**
   * Each fact by id, topic and key, with a hash of what it says. A repeated fact counts once; one that says something else
   * under the same id counts twice.
   */
  readonly facts: readonly string[]
  readonly states: unknown
  readonly unread: number
  /** sha256 of each output by key. */
  readonly outputs: Readonly<Record<string, string>>
  /** Content type, tags and metadata of each output by key. */
  readonly described: Readonly<Record<string, string>>
  /** Files beside the outputs that hold what is known of them, and anything that does not belong there. */
  readonly sidecars: number
  readonly strays: readonly string[]
  readonly database: unknown
}

export async function evidenceOf(where: Required<Where>): Promise<Evidence> {
  const { dir, state } = where
  const files = filesBelow(dir).filter((key) => key.includes(".proxies/"))
  const outputs = files.filter((key) => !key.includes(".object-metadata/")).sort()
  const metadata = files.filter((key) => key.includes(".object-metadata/"))
  const store = await storeOf(dir)
  const status = await statusOf(where)
  const described = await Promise.all(outputs.map(async (key) => [key, await descriptionOf(store, key)] as const))
  return {
    rows: (await historyOf(where)).map(timeless).sort(),
    facts: [...new Set((await recordsOf(where)).filter(isCompared).map(factText))].sort(),
    states: status.states,
    unread: status.lag.reduce((sum, { lag }) => sum + lag, 0),
    outputs: Object.fromEntries(outputs.map((key) => [key, contentOf(join(dir, key))])),
    described: Object.fromEntries(described),
    sidecars: metadata.filter((key) => key.endsWith(".json")).length,
    strays: metadata.filter((key) => !key.endsWith(".json")),
    database: databaseOf(state),
  }
}

/** Whichever frame is met first says that somebody looks beside it, in every run once more. */
const isCompared = ({ topic }: LogRecord): boolean => topic !== "hint-reported"

/** The ids of what is said of a sequence name when that was, and the causes are these ids. */
function factText(record: LogRecord): string {
  const { factId, causationId: _, ...said } = record.value
  const isOfTime = record.topic === "sequence-settled" || record.topic === "movie-made"
  const told = isOfTime ? said : record.value
  return `${isOfTime ? "" : factId} ${record.topic} ${subjectOf(record).key} ${sha256(timeless(told))}`
}

/** A manifest is compared without times, and without what a store calls the versions of outputs. */
function contentOf(path: string): string {
  const bytes = readFileSync(path)
  if (!path.endsWith("_sequence.json")) return sha256(bytes)
  return sha256(timeless(JSON.parse(bytes.toString(), (name, value: unknown) => (name === "etag" ? null : value))))
}

const sha256 = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex")

async function storeOf(dir: string): Promise<ObjectStore> {
  const opened = await openDirectoryStore(new Map([["show", dir]]))
  if (!opened.ok) throw new Error(opened.failure.says)
  return opened.value
}

/** What an output says of itself; the packed details are unpacked, since times are among them. */
async function descriptionOf(store: ObjectStore, key: string): Promise<string> {
  const head = await store.head({ bucket: "show", key })
  const tags = await store.tags({ bucket: "show", key })
  if (!head.ok || !tags.ok) throw new Error(`${key} does not say what it is`)
  const { contentType, metadata } = head.value
  const source = decodeURIComponent(metadata["source-name"] ?? "")
  const made = madeFromMetadata(metadata, basename(source))
  return timeless({ contentType, tags: tags.value, made, revision: metadata.revision })
}

const TABLES = ["proxy_outputs", "elements", "sequences", "files", "parts", "channels", "attributes"]

/** Whether the file is sound, and how many rows each table has. */
function databaseOf(state: string): unknown {
  const db = new DatabaseSync(join(state, "state.sqlite"), { readOnly: true })
  const integrity = db.prepare("PRAGMA integrity_check").all()
  const counts = TABLES.map((name) => db.prepare(`SELECT '${name}' AS name, count(*) AS rows FROM ${name}`).get())
  db.close()
  return { integrity, counts }
}
