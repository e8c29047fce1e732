import { createReadStream, statSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join } from "node:path"
import { pipeline } from "node:stream"

export type ServedFolder = {
  /** Without a slash at its end. */
  readonly url: string
  readonly close: () => Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mp4": "video/mp4",
  ".vtt": "text/vtt; charset=utf-8",
}

type Range = { readonly start: number; readonly end: number }

/** `bytes=first-last`, `bytes=first-` or `bytes=-count`: what browsers ask movies for. Null for the whole file. */
function rangeIn(header: string | undefined, size: number): Range | null {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (first === "" && last === "") return null
  if (first === "") return { start: Math.max(0, size - Number(last)), end: size - 1 }
  return { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) }
}

function answer(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? "/", "http://localhost")
  // Joined to the root first: no name leads out of the folder.
  const path = join(folder, join("/", decodeURIComponent(pathname)))
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true) return void response.writeHead(404).end()
  const range = rangeIn(request.headers.range, found.size)
  if (range !== null && range.start >= found.size) {
    return void response.writeHead(416, { "content-range": `bytes */${found.size}` }).end()
  }
  const { start, end } = range ?? { start: 0, end: found.size - 1 }
  response.writeHead(range === null ? 200 : 206, {
    "accept-ranges": "bytes",
    "content-length": end - start + 1,
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    ...(range === null ? {} : { "content-range": `bytes ${start}-${end}/${found.size}` }),
  })
  if (request.method === "HEAD" || found.size === 0) return void response.end()
  // A browser that has seen enough hangs up: what was opened is closed, and nobody is told.
  pipeline(createReadStream(path, { start, end }), response, () => undefined)
}

/** The files of a folder for a browser on this machine, in parts where it asks for parts, as a store serves signed links. */
export async function serveFolder(folder: string): Promise<ServedFolder> {
  const server = createServer((request, response) => answer(folder, request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
