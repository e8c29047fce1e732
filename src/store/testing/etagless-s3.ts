import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { compareKeys } from "../../element/key-order.ts"

/** A working S3 with one bucket in memory, whose objects have no ETags: as a gateway shows files laid into its folder. */
export type EtaglessS3 = {
  readonly endpoint: string
  readonly bucket: string
  erase(key: string): void
  close(): Promise<void>
}

type Stored = { readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>>; readonly tags: string }

type Request = {
  readonly method: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage["headers"]
  readonly body: Buffer
}

type Response = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

const BUCKET = "etagless"
const BEGAN_MS = Date.UTC(2026, 3, 1)

export async function openEtaglessS3(): Promise<EtaglessS3> {
  const objects = new Map<string, Stored>()
  const answer = answering(objects)
  const server = createServer((request, response) => void respond(request, response, answer))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket: BUCKET,
    erase: (key) => void objects.delete(key),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request, bucket: string) => Response,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  // Taken apart by hand: URL would fold what keys may hold.
  const [path = "", search = ""] = (request.url ?? "").split("?")
  const [, bucket = "", ...segments] = path.split("/")
  const { status, headers, body } = answer(
    {
      method: request.method ?? "",
      key: decodeURIComponent(segments.join("/")),
      query: new URLSearchParams(search),
      headers: request.headers,
      body: Buffer.concat(chunks),
    },
    bucket,
  )
  response.writeHead(status, headers)
  response.end(request.method === "HEAD" ? undefined : body)
}

function answering(objects: Map<string, Stored>): (request: Request, bucket: string) => Response {
  let puts = 0
  return (request, bucket) => {
    const { method, key, query } = request
    if (bucket !== BUCKET) return error(404, "NoSuchBucket")
    if (key === "") return ofBucket(objects, query)
    if (method === "PUT") {
      if (request.headers["if-none-match"] === "*" && objects.has(key)) return error(412, "PreconditionFailed")
      puts += 1
      objects.set(key, storedOf(request, puts))
      return { status: 200 }
    }
    const stored = objects.get(key)
    if (stored === undefined) return error(404, "NoSuchKey")
    if (request.headers["if-match"] !== undefined) return error(412, "PreconditionFailed")
    if (method === "DELETE") {
      objects.delete(key)
      return { status: 204 }
    }
    return query.has("tagging") ? xml(tagging(stored.tags)) : contentOf(stored, request)
  }
}

/** Each PUT is a second later than the one before: what a server without ETags needs to tell versions apart. */
function storedOf({ headers, body }: Request, puts: number): Stored {
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"))
  return {
    bytes: body,
    tags: String(headers["x-amz-tagging"] ?? ""),
    headers: {
      "content-type": String(headers["content-type"]),
      "last-modified": new Date(BEGAN_MS + puts * 1000).toUTCString(),
      ...Object.fromEntries(metadata.map(([name, value]) => [name, String(value)])),
    },
  }
}

function contentOf({ bytes, headers }: Stored, request: Request): Response {
  const since = Date.parse(String(request.headers["if-unmodified-since"]))
  if (Date.parse(headers["last-modified"] ?? "") > since) return error(412, "PreconditionFailed")
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []
  if (first === undefined)
    return { status: 200, headers: { ...headers, "content-length": `${bytes.length}` }, body: bytes }
  if (Number(first) >= bytes.length) return error(416, "InvalidRange")
  const part = bytes.subarray(Number(first), Number(last) + 1)
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`
  return {
    status: 206,
    headers: { ...headers, "content-length": `${part.length}`, "content-range": range },
    body: part,
  }
}

function ofBucket(objects: ReadonlyMap<string, Stored>, query: URLSearchParams): Response {
  if (!query.has("list-type")) return xml("<VersioningConfiguration/>")
  const [prefix, after] = [query.get("prefix") ?? "", query.get("start-after") ?? ""]
  const contents = [...objects]
    .filter(([key]) => key.startsWith(prefix) && compareKeys(key, after) > 0)
    .sort(([one], [other]) => compareKeys(one, other))
    .map(([key, { bytes, headers }]) => {
      const time = new Date(headers["last-modified"] ?? "").toISOString()
      return `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${time}</LastModified><ETag></ETag><Size>${bytes.length}</Size></Contents>`
    })
  const head = `<Name>${BUCKET}</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>`
  return xml(`<ListBucketResult>${head}${contents.join("")}</ListBucketResult>`)
}

const tagging = (tags: string): string => {
  const each = [...new URLSearchParams(tags)].map(
    ([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`,
  )
  return `<Tagging><TagSet>${each.join("")}</TagSet></Tagging>`
}

const xml = (body: string): Response => ({ status: 200, headers: { "content-type": "application/xml" }, body })

const error = (status: number, code: string): Response => ({
  ...xml(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`),
  status,
})
