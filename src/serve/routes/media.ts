import { Readable } from "node:stream"
import type { FastifyReply } from "fastify"
import { Type } from "typebox"
import { endingOf, fileNameOf } from "../../element/key.ts"
import type { ObjectHead, ObjectRef, ObjectStore } from "../../store/index.ts"
import { checkAddress, MEDIA, maySign } from "../addresses.ts"
import { type Refusal, refuse } from "../refusal.ts"
import type { RouteGroup } from "../serving.ts"

/** What outputs are, by their ending; whatever else lies there is bytes to be saved, never shown. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  png: "image/png",
  mp4: "video/mp4",
  vtt: "text/vtt; charset=utf-8",
  json: "application/json; charset=utf-8",
}

/** Read at once; a slow reader holds no more than this. */
const CHUNK_BYTES = 2 ** 18

const REFUSED: Readonly<Record<"altered" | "expired", Refusal>> = {
  altered: { status: 403, code: "address/refused", says: "This address was not signed here, or was changed." },
  expired: { status: 403, code: "address/expired", says: "This address has expired: ask for a new one." },
}

const GONE: Refusal = { status: 404, code: "store/missing", says: "The object is not there any more." }

/** First and last byte, both included. */
type Range = { readonly first: number; readonly last: number }

/** One range of bytes; null for all of it, which is also the answer to several; "none" where it holds none of them. */
export function rangeOf(header: string | undefined, sizeBytes: number): Range | "none" | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "") ?? []
  if (from === undefined || to === undefined || (from === "" && to === "")) return null
  const first = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  const last = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  if (to !== "" && from !== "" && Number(to) < Number(from)) return null
  return first >= sizeBytes || first > last ? "none" : { first, last }
}

async function* chunksOf(store: ObjectStore, { etag, ...ref }: ObjectRef & { etag: string }, { first, last }: Range) {
  for (let start = first; start <= last; start += CHUNK_BYTES) {
    const end = Math.min(start + CHUNK_BYTES, last + 1)
    const read = await store.readRange(ref, { start, end, ifMatch: etag })
    // The answer has begun: breaking off tells whoever reads that it is not whole.
    if (!read.ok) throw new Error(`media: ${read.failure.code}`)
    yield read.value
  }
}

/** Name for whoever saves it; no letter of a key can end the header. */
const disposition = (key: string, isShown: boolean): string =>
  `${isShown ? "inline" : "attachment"}; filename*=UTF-8''${encodeURIComponent(fileNameOf(key)).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`

function describe(reply: FastifyReply, { key, etag, lastModifiedMs }: ObjectHead, secondsLeft: number): void {
  const type = TYPES[endingOf(key)]
  reply
    .type(type ?? "application/octet-stream")
    .header("accept-ranges", "bytes")
    .header("etag", `"${etag}"`)
    .header("last-modified", new Date(lastModifiedMs).toUTCString())
    .header("cache-control", `private, max-age=${secondsLeft}`)
    .header("content-disposition", disposition(key, type !== undefined))
}

const isSame = (header: string | undefined, etag: string): boolean =>
  header?.split(",").some((one) => one.trim().replace(/^W\//, "") === `"${etag}"`) === true

/** Files of a folder, at the addresses that were signed for them. */
export const media: RouteGroup = (app, { ports, config }) => {
  const schema = {
    tags: ["media"],
    summary: "A folder's picture or movie at its signed address, whole or in part",
    params: Type.Object({ bucket: Type.String(), "*": Type.String() }),
    querystring: Type.Object({ expires: Type.Integer({ minimum: 0 }), signature: Type.String({ maxLength: 100 }) }),
  }
  // Pages that may call the API may show its pictures.
  const shared = config.serveOrigins.length > 0 ? "cross-origin" : "same-origin"
  // The signature is what lets in.
  const options = {
    config: { access: "open" as const },
    schema,
    helmet: { crossOriginResourcePolicy: { policy: shared } },
  } as const
  app.get(`${MEDIA}/:bucket/*`, options, async ({ params, query, headers }, reply) => {
    if (!ports.isOpen()) return refuse(reply, { status: 503, code: "serve/starting", says: "The server is starting." })
    const opened = ports.opened()
    const ref = { bucket: params.bucket, key: params["*"] }
    const shown = checkAddress(opened, ref, query)
    if (shown !== "good") return refuse(reply, REFUSED[shown])
    if (!maySign(opened, ref)) return refuse(reply, REFUSED.altered)
    const found = await opened.store.head(ref)
    if (!found.ok) return refuse(reply, found.failure.code === "store/missing" ? GONE : ports.refusal(found.failure))
    const head = found.value
    const secondsLeft = Math.max(0, Math.floor(query.expires - opened.clock.nowMs() / 1000))
    describe(reply, head, secondsLeft)
    if (isSame(headers["if-none-match"], head.etag)) return reply.code(304).send()
    const asked = headers["if-range"] === undefined || isSame(String(headers["if-range"]), head.etag)
    const range = asked ? rangeOf(headers.range, head.sizeBytes) : null
    if (range === "none") {
      reply.header("content-range", `bytes */${head.sizeBytes}`)
      return refuse(reply, { status: 416, code: "store/range-not-satisfiable", says: "The object has no such bytes." })
    }
    const { first, last } = range ?? { first: 0, last: head.sizeBytes - 1 }
    reply.header("content-length", last - first + 1)
    if (range !== null) reply.code(206).header("content-range", `bytes ${first}-${last}/${head.sizeBytes}`)
    return reply.send(Readable.from(chunksOf(opened.store, { ...ref, etag: head.etag }, { first, last })))
  })
}
