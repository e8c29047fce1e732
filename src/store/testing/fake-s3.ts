import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import type { Result } from "../../events/result.ts"
import type { FetchOptions, ObjectHead, ObjectStore } from "../index.ts"
import { openS3Store, type S3StoreOptions } from "../s3.ts"

/** What a server that is no S3 answers; without a status it hangs. */
export type Answer = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Writes the body and then says nothing more, although more was announced; or a byte more every so often. */
  readonly stalls?: "for ever" | { readonly byteEveryMs: number }
  /** Breaks the connection after the body, although more was announced. */
  readonly breaksOff?: boolean
}

export type S3Request = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type FakeS3 = {
  readonly endpoint: string
  /** Everything asked so far, in order. */
  readonly asked: readonly S3Request[]
  /** Connections opened so far. */
  connections(): number
  /** Answers that are still being written. */
  busy(): number
  answer(how: (asked: S3Request, turn: number) => Answer): void
  close(): Promise<void>
}

/** An HTTP server that answers as a test says: for what no real S3 can be brought to do. */
async function openFakeS3(): Promise<FakeS3> {
  const asked: S3Request[] = []
  let how: (one: S3Request, turn: number) => Answer = () => ({ status: 200 })
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const one = askedOf(request)
      asked.push(one)
      busy += 1
      response.once("close", () => {
        busy -= 1
      })
      respond(response, how(one, asked.length))
    })
  })
  let connections = 0
  let busy = 0
  server.on("connection", () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    connections: () => connections,
    busy: () => busy,
    answer: (next) => {
      how = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function askedOf({ method = "", url = "", headers }: IncomingMessage): S3Request {
  const { pathname, searchParams } = new URL(url, "http://fake")
  return { method, path: decodeURIComponent(pathname), query: searchParams, headers }
}

function respond(response: ServerResponse, { status, headers, body = "", breaksOff = false, stalls }: Answer): void {
  if (breaksOff && status === undefined) response.destroy()
  if (status === undefined) return
  response.writeHead(status, headers)
  if (stalls !== undefined) stall(response, { body, stalls, announced: Number(headers?.["content-length"]) })
  else if (!breaksOff) response.end(body)
  else response.write(body, () => response.destroy())
}

type Stall = Required<Pick<Answer, "body" | "stalls">> & { readonly announced: number }

function stall(response: ServerResponse, { body, stalls, announced }: Stall): void {
  response.write(body)
  if (stalls === "for ever") return
  let written = body.length
  const drops = setInterval(() => {
    written += 1
    if (written <= announced) response.write(".")
    else response.end()
  }, stalls.byteEveryMs)
  response.once("close", () => clearInterval(drops))
}

/** An error as S3 words it; the message holds what must never be repeated. */
export const refusal = (status: number, code: string): Answer => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>PLANTED-SECRET</Message></Error>`,
})

/** An object as GET and HEAD answer it. */
export const object = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  headers: {
    etag: '"e1"',
    "last-modified": "Wed, 01 Apr 2026 00:00:00 GMT",
    "content-length": `${Buffer.byteLength(body)}`,
    ...headers,
  },
  body,
})

export const REF = { bucket: "show", key: "a.exr" }

export const OPTIONS: S3StoreOptions = {
  endpoint: null,
  region: "us-east-1",
  credentials: { accessKey: "PLANTED-ACCESS-KEY", secretKey: "PLANTED-SECRET" },
  forcePathStyle: true,
  timeouts: { connectMs: 1_000, idleMs: 500, startMs: 2_000, pace: { leastBytesPerSecond: 0, windowMs: 1 } },
  buckets: [REF.bucket],
}

const LISTED = `<ListBucketResult><Name>show</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>`

export const fakeServer = async (): Promise<FakeS3> => {
  const server = await openFakeS3()
  onTestFinished(() => server.close())
  return server
}

type FakeStore = {
  readonly server: FakeS3
  readonly store: ObjectStore
  /** Fetches the object; `bytes` is null where no file is left. */
  fetch(
    options?: Partial<FetchOptions>,
  ): Promise<{ readonly result: Result<ObjectHead>; readonly bytes: string | null }>
}

/** A store over a fake server, opened without complaint; gone after the test. */
export async function fakeStore(with_: Partial<S3StoreOptions> = {}): Promise<FakeStore> {
  const server = await fakeServer()
  server.answer(() => ({ status: 200, body: LISTED }))
  const opened = await openS3Store({ ...OPTIONS, endpoint: server.endpoint, ...with_ })
  if (!opened.ok) throw new Error(opened.failure.says)
  const folder = await mkdtemp(join(tmpdir(), "s3-"))
  onTestFinished(async () => {
    await opened.value.close()
    await rm(folder, { recursive: true })
  })
  return {
    server,
    store: opened.value,
    fetch: async (options = {}) => {
      const signal = new AbortController().signal
      const toFile = join(folder, "a")
      const result = await opened.value.fetch(REF, { ifMatch: "e1", maxBytes: 100, signal, toFile, ...options })
      return { result, bytes: (await readdir(folder)).length === 0 ? null : await readFile(toFile, "utf8") }
    },
  }
}
