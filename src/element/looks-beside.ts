import { done, type Failure, failed, type Result } from "../events/result.ts"
import type { RenderSettings } from "../picture/index.ts"
import { amfReferences } from "../picture/looks/amf.ts"
import { isTooLarge, lookFormatOf, OUTSIDE, referredPath, sha256Of, TOO_LARGE } from "../picture/looks/files.ts"
import type { LookBytes, ReadLook } from "../picture/looks/look.ts"
import { lookOf } from "../picture/looks/read-look.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../store/index.ts"
import type { Clock } from "../system/clock.ts"
import { onceEach } from "../system/recent-map.ts"

import { fileNameOf, folderOf, sequenceNameOf } from "./key.ts"

/** The look file that lies beside a frame; null where there is none. Fails as the store does. */
export type LooksBeside = (frame: ObjectRef) => Promise<Result<ReadLook | null>>

/** The most general last: what names the sequence goes before what is meant for its folder. */
const ENDINGS = ["amf", "cdl", "cc", "ccc", "clf", "cube"] as const
/** Of a file that is meant for all sequences of a folder. */
const FOLDER_NAME = "look"
/** The frames of a sequence come by the hundred: what lies beside them is asked for once in so long. */
const BELIEVED_MS = 30_000
const MOST_SEQUENCES = 32

type Ports = { readonly store: ObjectStore; readonly clock: Pick<Clock, "steadyMs">; readonly held: LookBytes }

/**
 * Finds look files beside frames: `beauty.cc` beside `beauty.0101.exr`, or `look.cc` for all of a folder. One that is damaged
 * is a look with a problem: its frames fail by their own renderKey, and are made as soon as it is another.
 */
export function openLooksBeside(ports: Ports): LooksBeside {
  const kept = onceEach<ReadLook | null>(MOST_SEQUENCES)
  return (frame) => {
    const [folder, head] = [folderOf(frame.key), sequenceNameOf(frame.key)]
    const turn = Math.floor(ports.clock.steadyMs() / BELIEVED_MS)
    return kept(JSON.stringify([frame.bucket, folder, head, turn]), () => find(ports, frame.bucket, { folder, head }))
  }
}

/** Settings of a frame, with what lies beside it where no rule names a look file. Fails as the store does. */
export async function withLookBeside(
  settings: RenderSettings,
  frame: ObjectRef,
  beside: LooksBeside | undefined,
): Promise<Result<RenderSettings>> {
  const { colour } = settings
  if (beside === undefined || colour.lookFile !== undefined) return done(settings)
  const found = await beside(frame)
  if (!found.ok) return found
  if (found.value === null) return done(settings)
  const { look, inputSpace } = found.value
  return done({ ...settings, colour: { ...colour, inputSpace: colour.inputSpace ?? inputSpace, lookFile: look } })
}

/** A frame's folder, with its slash, and its name without number and ending. */
type Sequence = { readonly folder: string; readonly head: string }

async function find(ports: Ports, bucket: string, { folder, head }: Sequence): Promise<Result<ReadLook | null>> {
  const stems = head === "" || head === FOLDER_NAME ? [FOLDER_NAME] : [head, FOLDER_NAME]
  const keys = stems.flatMap((stem) => ENDINGS.map((ending) => `${folder}${stem}.${ending}`))
  const heads = await Promise.all(keys.map((key) => ports.store.head({ bucket, key })))
  for (const found of heads) {
    if (found.ok) return read(ports, found.value, { folder, head })
    if (!isAbsent(found.failure)) return failed(found.failure)
  }
  return done(null)
}

/** A name that the store cannot have is one that nothing lies under. */
const isAbsent = ({ code }: Failure): boolean => code === "store/missing" || code === "store/bad-key"

async function read(ports: Ports, found: ObjectHead, { folder, head }: Sequence): Promise<Result<ReadLook | null>> {
  const { key } = found
  if (isTooLarge(found.sizeBytes)) return done(unusable(key, found.sourceVersion, TOO_LARGE))
  const bytes = await bytesOf(ports, found)
  if (!bytes.ok) return bytes
  const referred = new Map<string, Uint8Array | string>()
  for (const reference of lookFormatOf(key) === "amf" ? amfReferences(bytes.value) : []) {
    const got = await referredBytes(ports, { bucket: found.bucket, key: folder }, reference)
    if (!got.ok) return got
    referred.set(reference, got.value)
  }
  const outcome = lookIn(bytes.value, { key, head }, referred)
  const look = "problem" in outcome ? unusable(key, sha256Of(bytes.value), outcome.problem) : outcome.read
  ports.held.hold(look)
  return done(look)
}

/** Of a collection, the correction that is called like the sequence; else the only one. */
function lookIn(
  bytes: Uint8Array,
  { key, head }: { readonly key: string; readonly head: string },
  referred: ReadonlyMap<string, Uint8Array | string>,
): ReturnType<typeof lookOf> {
  const ask = (id: string | null): ReturnType<typeof lookOf> =>
    lookOf(bytes, { name: fileNameOf(key), space: null, output: null, id }, (reference) => {
      const got = referred.get(reference)
      return got instanceof Uint8Array ? { bytes: got } : { problem: got ?? OUTSIDE }
    })
  const named = lookFormatOf(key) === "ccc" || lookFormatOf(key) === "cdl" ? ask(head) : null
  return named !== null && "read" in named ? named : ask(null)
}

/** The look is named without its folder: frames that are moved with their look keep their outputs. */
const unusable = (key: string, sha256: string, problem: string): ReadLook => ({
  look: { name: fileNameOf(key), sha256, steps: [], problem },
  inputSpace: null,
  bytes: new Map(),
})

const bytesOf = ({ store }: Ports, { bucket, key, etag, sizeBytes }: ObjectHead): Promise<Result<Uint8Array>> =>
  sizeBytes === 0
    ? Promise.resolve(done(new Uint8Array(0)))
    : store.readRange({ bucket, key }, { start: 0, end: sizeBytes, ifMatch: etag })

/** Bytes of a file that an AMF names, or what is wrong with it. Fails as the store does. */
async function referredBytes(ports: Ports, folder: ObjectRef, reference: string): Promise<Result<Uint8Array | string>> {
  const path = referredPath(reference)
  if (path === null) return done(OUTSIDE)
  const found = await ports.store.head({ bucket: folder.bucket, key: folder.key + path })
  if (!found.ok) return isAbsent(found.failure) ? done("does not exist") : found
  return isTooLarge(found.value.sizeBytes) ? done(TOO_LARGE) : bytesOf(ports, found.value)
}
