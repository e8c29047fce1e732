// Where the page finds pictures and movies: beside it, in a bucket by addresses that end, or within itself.

import { join, relative, sep } from "node:path"
import type { Installation } from "../../../deployment/deployment-target.ts"
import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { AddressOf } from "../../../sheet/items.ts"
import type { ObjectRef, ObjectStore } from "../../../store/index.ts"
import type { Contents } from "./contents.ts"

/** Relative, percent-encoded address of a file for a page in `pageFolder`; "./" keeps a name such as "a:b" from being a scheme. */
export function relativeUrl(pageFolder: string, file: string): string {
  const steps = relative(pageFolder, file.toWellFormed()).split(sep).map(encodeURIComponent)
  return `./${steps.join("/")}`
}

/** Files of an installation, relative to the page. */
export const linkedTo =
  (pageFolder: string, { root, bucket, outputs }: Pick<Installation, "root" | "bucket" | "outputs">): AddressOf =>
  (ref) => {
    const isElsewhere = outputs !== null && ref.bucket === outputs.place.bucket && ref.bucket !== bucket
    return relativeUrl(pageFolder, join(isElsewhere ? outputs.root : root, ref.key))
  }

const nameOf = ({ bucket, key }: ObjectRef): string => `${bucket}/${key}`

/** What the page shows: pictures of tiles first, then what shots are scrubbed by, then movies. Posters are as large as movies. */
export function objectsOf({ shots, frames }: Contents): {
  readonly all: readonly ObjectRef[]
  readonly posters: readonly ObjectRef[]
} {
  const ofShots = (key: (shot: Contents["shots"][number]) => string | null): readonly ObjectRef[] =>
    shots.flatMap((shot) => {
      const found = key(shot)
      return found === null ? [] : [{ bucket: shot.outputsBucket, key: found }]
    })
  const singles = frames.flatMap(({ made, place }) => (place.shot === null ? [made] : []))
  const refOf = (
    { element }: (typeof singles)[number],
    output: { readonly bucket: string | null; readonly key: string },
  ): ObjectRef => ({
    bucket: output.bucket ?? element.bucket,
    key: output.key,
  })
  const middles = shots.flatMap(({ middle }) => middle ?? [])
  return {
    all: [
      ...[...middles, ...singles].map((made) => refOf(made, made.thumbnail)),
      ...ofShots(({ row }) => row.sprites_key),
      ...ofShots(({ row }) => row.movie_key),
      ...singles.map((made) => refOf(made, made.proxy)),
    ],
    posters: [
      ...ofShots(({ row }) => row.poster_key),
      ...frames.flatMap(({ made }) => made.furtherOutputs.map(({ output }) => refOf(made, output))),
    ],
  }
}

export type Signed = { readonly addressOf: AddressOf; readonly expiresAtMs: number }

/** So many are signed before others have their turn. */
const SIGNED_AT_ONCE = 200

/** Addresses that anybody may read the objects by for so many seconds; `expiresAtMs` is when the first of them ends. */
export async function signedFor(
  refs: readonly ObjectRef[],
  store: Pick<ObjectStore, "sign">,
  seconds: number,
): Promise<Result<Signed>> {
  const urls = new Map<string, string>()
  let expiresAtMs = Number.POSITIVE_INFINITY
  for (let at = 0; at < refs.length; at += SIGNED_AT_ONCE) {
    const some = refs.slice(at, at + SIGNED_AT_ONCE)
    const signed = await Promise.all(some.map((ref) => store.sign?.(ref, { seconds }) ?? unsigned()))
    for (const [index, one] of signed.entries()) {
      // A name that no object can have is a picture that is not there.
      if (!one.ok && one.failure.code !== "store/bad-key") return one
      const ref = some[index]
      if (!one.ok || ref === undefined) continue
      urls.set(nameOf(ref), one.value.url)
      expiresAtMs = Math.min(expiresAtMs, one.value.expiresAtMs)
    }
  }
  return done({ addressOf: (ref) => urls.get(nameOf(ref)) ?? null, expiresAtMs })
}

const unsigned = async (): Promise<Result<never>> =>
  failed(failure("config/invalid", "Objects of this store have no addresses to sign."))

export type Embedded = { readonly addressOf: AddressOf; readonly left: number }

const TYPES: Readonly<Record<string, string>> = { jpg: "image/jpeg", mp4: "video/mp4" }

/** The objects themselves as data, in their order, as long as they fit; `left` counts those that do not, or are not there. */
export async function embedded(
  refs: readonly ObjectRef[],
  store: Pick<ObjectStore, "head" | "readRange">,
  mostBytes: number,
): Promise<Embedded> {
  const urls = new Map<string, string>()
  let [room, left] = [mostBytes, 0]
  for (const ref of refs) {
    const url = await dataUrl(ref, store, room)
    if (url === null) left += 1
    else {
      room -= url.length
      urls.set(nameOf(ref), url)
    }
  }
  return { addressOf: (ref) => urls.get(nameOf(ref)) ?? null, left }
}

async function dataUrl(
  ref: ObjectRef,
  store: Pick<ObjectStore, "head" | "readRange">,
  room: number,
): Promise<string | null> {
  const type = TYPES[ref.key.slice(ref.key.lastIndexOf(".") + 1)]
  const head = await store.head(ref)
  if (type === undefined || !head.ok || head.value.sizeBytes === 0) return null
  const start = `data:${type};base64,`
  if (start.length + Math.ceil(head.value.sizeBytes / 3) * 4 > room) return null
  const bytes = await store.readRange(ref, { start: 0, end: head.value.sizeBytes })
  return bytes.ok ? `${start}${Buffer.from(bytes.value).toString("base64")}` : null
}

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 }

/** Seconds of `30m`, `12h`, `7d`; null where it is none of these, or longer than `most`. */
export function secondsOf(text: string, most: number): number | null {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const seconds = Number(count) * (UNITS[unit] ?? Number.NaN)
  return seconds >= 1 && seconds <= most ? seconds : null
}
