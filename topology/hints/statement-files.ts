// Files beside frames that state something of sequences: each is read as what it is, and what is wrong with it is told.

import { frameNameOf } from "../../src/element/frame-name.ts"
import { folderOf } from "../../src/element/key.ts"
import { done, type Failure, type Result } from "../../src/events/result.ts"
import { readHashList } from "../../src/sequence/mhl/read.ts"
import { sequencesListed } from "../../src/sequence/mhl/sequences.ts"
import { folderOfList, newestList, otioStatement, readOtio, readReady } from "../../src/sequence/stated/index.ts"
import type { ObjectHead, ObjectRef } from "../../src/store/index.ts"
import { type HintPorts, readOf, type SequenceName } from "./store-looks.ts"

/** What is wrong with an object, as a sentence that stands behind its name. */
export type Remark = { readonly object: string; readonly says: string }

/** What is said of sequences, and what is wrong with who says it. */
export type Said = {
  readonly sequences: readonly (SequenceName & { readonly frames: string | null; readonly object: string | null })[]
  readonly remarks: readonly Remark[]
  /** It could not be read: what it said before is not known to be over. */
  readonly isUnread?: true
}

/** As much of a statement as is kept of one sequence: a record takes a megabyte. */
const MOST_LETTERS = 256 * 1024

/** A file that is larger than anybody's is not fetched. */
const MOST_BYTES = { ready: 64 * 1024, otio: 64 * 2 ** 20 } as const

const nothing = (object: string, says: string): Result<Said> =>
  done({ sequences: [], remarks: [{ object, says: `It states nothing: it ${says}.` }], isUnread: true })

/** Frames that an object .ready names; null where it only says that all is there, undefined where it cannot be read. */
export async function readReadyFile(
  ref: ObjectRef,
  ports: HintPorts,
): Promise<Result<{ readonly frames: string | null | undefined; readonly remarks: readonly Remark[] }>> {
  const bytes = await wholeOf(ref, MOST_BYTES.ready, ports)
  if (!bytes.ok) return bytes
  const ready = bytes.value === null ? TOO_LARGE : readReady(bytes.value)
  if ("frames" in ready) return done({ frames: ready.frames, remarks: [] })
  return done({ frames: undefined, remarks: [{ object: ref.key, says: `It states nothing: it ${ready.problem}.` }] })
}

const TOO_LARGE = { problem: "is larger than any such file" }

async function wholeOf(ref: ObjectRef, mostBytes: number, ports: HintPorts): Promise<Result<Uint8Array | null>> {
  const head = await ports.store.head(ref)
  if (!head.ok) return head
  return head.value.sizeBytes > mostBytes
    ? done(null)
    : readOf(head.value, { start: 0, end: head.value.sizeBytes }, ports)
}

/** What an OpenTimelineIO file says of all sequences that its clips are cut from. */
export async function readOtioFile(ref: ObjectRef, ports: HintPorts): Promise<Result<Said>> {
  const bytes = await wholeOf(ref, MOST_BYTES.otio, ports)
  if (!bytes.ok) return bytes
  const place = { bucket: ref.bucket, folder: folderOf(ref.key) }
  const read = bytes.value === null ? TOO_LARGE : readOtio(bytes.value, place)
  if ("problem" in read) return nothing(ref.key, read.problem)
  const names = new Map(
    read.sequences.map(({ folder, head, tail }) => [JSON.stringify([folder, head, tail]), { folder, head, tail }]),
  )
  const sequences = [...names.values()].flatMap((name) => {
    const statement = otioStatement(read.sequences, name)
    return statement === null ? [] : [{ ...name, frames: statement.frames }]
  })
  return done(said(ref.key, sequences, lies(ref.key, read)))
}

/** What the newest hash list of a folder says, whichever of them came. */
export async function readHashLists(ref: ObjectRef, ports: HintPorts): Promise<Result<Said>> {
  const { bucket } = ref
  const folder = folderOfList(ref.key) ?? ""
  const keys: string[] = []
  for await (const listed of ports.store.list(bucket, { prefix: `${folder}ascmhl/` })) {
    if (listed.ok) keys.push(listed.value.key)
    else if (listed.failure.kind !== "permanent") return listed
  }
  const newest = newestList(keys) ?? ref.key
  const head = await ports.store.head({ bucket, key: newest })
  if (!head.ok) return head
  const reading: { failure: Failure | null } = { failure: null }
  const ruled = (key: string) => frameNameOf(key, ports.sequenceRuleFor({ bucket, key }))
  const listed = await sequencesListed(readHashList(piecesOf(head.value, ports, reading)), (path) =>
    ruled(folder + path),
  )
  if (reading.failure !== null) return { ok: false, failure: reading.failure }
  if (listed.problem !== null) return nothing(newest, listed.problem)
  return done(said(newest, listed.sequences, lies(newest, listed)))
}

const PIECE_BYTES = 1024 * 1024

async function* piecesOf(
  head: ObjectHead,
  ports: HintPorts,
  reading: { failure: Failure | null },
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < head.sizeBytes; start += PIECE_BYTES) {
    const piece = await readOf(head, { start, end: Math.min(start + PIECE_BYTES, head.sizeBytes) }, ports)
    if (!piece.ok) {
      reading.failure = piece.failure
      return
    }
    yield piece.value
  }
}

function lies(
  object: string,
  { lies, lieCount }: { readonly lies: readonly string[]; readonly lieCount: number },
): readonly Remark[] {
  const more = lieCount - lies.length
  const remarks = lies.map((says) => ({ object, says: `It is not believed: ${says}` }))
  return more > 0 ? [...remarks, { object, says: `It is not believed: ${more} more references like these.` }] : remarks
}

function said(
  object: string,
  sequences: readonly (SequenceName & { readonly frames: string })[],
  remarks: readonly Remark[],
): Said {
  const long = sequences.filter(({ frames }) => frames.length > MOST_LETTERS)
  return {
    sequences: sequences.filter(({ frames }) => frames.length <= MOST_LETTERS).map((one) => ({ ...one, object })),
    remarks: [
      ...remarks,
      ...long.map(({ folder, head, tail }) => ({
        object,
        says: `It states too many ranges of ${folder}${head}#${tail}.`,
      })),
    ],
  }
}
