// The ASC MHL list that lies beside a sequence, compared with what is there now. No source is read: sizes are those of the
// store's listing, hashes those of the facts about just these versions.

import { fileNameOf } from "../element/key.ts"
import { done, type Failure, type Result } from "../events/result.ts"
import type { EventLog } from "../log/index.ts"
import { openC4, readChain } from "../sequence/mhl/chain.ts"
import { compareHashList, frameIn, type KnownFile, type ListBeside } from "../sequence/mhl/compare.ts"
import { readHashList } from "../sequence/mhl/read.ts"
import { newestList } from "../sequence/stated/index.ts"
import type { ObjectHead, ObjectStore } from "../store/index.ts"
import type { SequenceRow } from "../table/sequence-rows.ts"

export type ComparedSequence = Pick<SequenceRow, "bucket" | "folder" | "head" | "tail" | "sequence_id">

export type ListPorts = {
  readonly store: Pick<ObjectStore, "head" | "list" | "readRange">
  /** Opened only where there is a list. */
  readonly openLog: () => Promise<Result<Pick<EventLog, "read" | "close">>>
}

/** A list, and the folder that it is of. */
type Found = { readonly key: string; readonly base: string }

/** Runs of frames that each kind of finding holds. */
const MOST_RUNS = 1000

/** What the newest list says of a sequence; null where there is none. */
export async function listBeside(sequence: ComparedSequence, ports: ListPorts): Promise<Result<ListBeside | null>> {
  const found = await findList(sequence, ports)
  if (!found.ok || found.value === null) return found as Result<null>
  const { key, base } = found.value
  const files = await filesThere(sequence, base, ports)
  if (!files.ok) return files
  const head = await ports.store.head({ bucket: sequence.bucket, key })
  if (!head.ok) return head
  const reading: { failure: Failure | null } = { failure: null }
  const c4 = openC4()
  const pieces = piecesOf(head.value, ports, { reading, hears: c4.add })
  const name = { folder: sequence.folder.slice(base.length), head: sequence.head, tail: sequence.tail }
  const comparison = await compareHashList(readHashList(pieces), name, files.value, MOST_RUNS)
  if (reading.failure !== null) return { ok: false, failure: reading.failure }
  if (comparison.problem !== null) return done({ key, comparison, chainProblem: null })
  const chainProblem = await problemOfChain(head.value, c4.id(), ports)
  return chainProblem.ok ? done({ key, comparison, chainProblem: chainProblem.value }) : chainProblem
}

/** In the folder of the sequence, else in the nearest one above it. */
async function findList({ bucket, folder }: ComparedSequence, { store }: ListPorts): Promise<Result<Found | null>> {
  const names = folder.split("/").slice(0, -1)
  for (let depth = names.length; depth >= 0; depth--) {
    const base = names
      .slice(0, depth)
      .map((name) => `${name}/`)
      .join("")
    const keys: string[] = []
    for await (const listed of store.list(bucket, { prefix: `${base}ascmhl/` })) {
      if (!listed.ok) return listed
      keys.push(listed.value.key)
    }
    const key = newestList(keys)
    if (key !== null) return done({ key, base })
  }
  return done(null)
}

/** The frames that are there, by their paths in the folder that the list is of. */
async function filesThere(
  sequence: ComparedSequence,
  base: string,
  { store, openLog }: ListPorts,
): Promise<Result<ReadonlyMap<string, KnownFile>>> {
  const { bucket, folder, head } = sequence
  const files = new Map<string, KnownFile & { readonly sourceVersion: string }>()
  for await (const listed of store.list(bucket, { prefix: folder + head })) {
    if (!listed.ok) return listed
    const { key, sizeBytes, sourceVersion } = listed.value
    const frame = frameIn(sequence, key)
    if (frame !== null) files.set(key.slice(base.length), { frame, sizeBytes, sourceVersion, contentHash: null })
  }
  const log = await openLog()
  if (!log.ok) return log
  try {
    for await (const record of log.value.read("sequence-frame")) {
      if (!record.ok) return record
      if (!("fact" in record.value.content) || record.value.content.fact.topic !== "sequence-frame") continue
      const { sequence: of, key, picture } = record.value.content.fact.value
      const path = key.slice(base.length)
      const file = of.sequenceId === sequence.sequence_id ? files.get(path) : undefined
      if (file !== undefined && file.sourceVersion === picture?.sourceVersion && picture.contentHash !== null)
        files.set(path, { ...file, contentHash: picture.contentHash })
    }
  } finally {
    await log.value.close()
  }
  return done(files)
}

const PIECE_BYTES = 1024 * 1024

type Listening = {
  readonly reading: { failure: Failure | null }
  readonly hears: (piece: Uint8Array) => void
}

async function* piecesOf(
  { bucket, key, sizeBytes, etag: ifMatch }: ObjectHead,
  { store }: ListPorts,
  { reading, hears }: Listening,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
    const end = Math.min(start + PIECE_BYTES, sizeBytes)
    const piece = await store.readRange({ bucket, key }, { start, end, ifMatch })
    if (!piece.ok) {
      reading.failure = piece.failure
      return
    }
    hears(piece.value)
    yield piece.value
  }
}

/** Some 60,000 generations. */
const MOST_CHAIN_BYTES = 16 * 1024 * 1024

/** What the chain beside a list has against it. */
async function problemOfChain(list: ObjectHead, c4: string, { store }: ListPorts): Promise<Result<string | null>> {
  const name = fileNameOf(list.key)
  const ref = { bucket: list.bucket, key: `${list.key.slice(0, -name.length)}ascmhl_chain.xml` }
  const head = await store.head(ref)
  if (!head.ok) return head.failure.code === "store/missing" ? done(null) : head
  const { sizeBytes, etag } = head.value
  const broken = (says: string): Result<string> => done(`is not vouched for: ascmhl_chain.xml beside it ${says}`)
  if (sizeBytes === 0 || sizeBytes > MOST_CHAIN_BYTES) return broken("is empty, or larger than any chain")
  const bytes = await store.readRange(ref, { start: 0, end: sizeBytes, ifMatch: etag })
  if (!bytes.ok) return bytes
  const chain = readChain(bytes.value)
  if ("problem" in chain) return broken(chain.problem)
  const newest = chain.at(-1)
  if (newest?.name !== name) return broken(`ends with ${JSON.stringify(newest?.name.slice(0, 200) ?? "no list")}`)
  return newest.c4 === c4 ? done(null) : broken("names other bytes (C4)")
}
