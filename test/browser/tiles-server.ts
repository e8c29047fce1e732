import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { TileAnswer } from "../../src/console/answers.ts"
import { elementRow, proxyOutput, sequenceRow } from "../../src/table/testing/rows.ts"

const BUILT = new URL("../../dist/src/console/", import.meta.url)

const FILES = new Map([
  ["/", ["index.html", "text/html; charset=utf-8"]],
  ["/console/page.js", ["page.js", "text/javascript; charset=utf-8"]],
  ["/console/page.css", ["page.css", "text/css; charset=utf-8"]],
] as const)

/** How the real server answers with the page: nothing from elsewhere, nothing written into it. */
const policyFor = (pictures: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: ${pictures}; media-src 'self'; connect-src 'self'`

export type TilesServer = {
  readonly url: string
  /** Positions that were asked for. */
  readonly asked: readonly number[]
  /** What every answer of the API is from now on; null for tiles again. */
  readonly answerAlways: (answer: { readonly status: number; readonly says: string } | null) => void
  readonly close: () => Promise<void>
}

export type TilesServerOptions = {
  readonly total: number
  /** Of the tile at a position. */
  readonly nameOf: (at: number) => string
  /** Without it anybody is answered. */
  readonly token?: string
  /** The sheet of sprites of each shot, at another origin; without it there is none. */
  readonly sheet?: URL
}

/** Tiles without pictures, as many as wanted, of which none is kept: what a table of a million would answer. */
export async function serveTiles({ total, nameOf, token, sheet }: TilesServerOptions): Promise<TilesServer> {
  const asked: number[] = []
  let always: { readonly status: number; readonly says: string } | null = null
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
    const file = FILES.get(pathname as "/")
    if (file !== undefined) {
      response.writeHead(200, { "content-type": file[1], "content-security-policy": policyFor(sheet?.origin ?? "") })
      return response.end(readFileSync(new URL(file[0], BUILT)))
    }
    if (pathname === "/readyz") return send(response, 503, { waits_for: always === null ? [] : [always.says] })
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return send(response, 401, { error: { code: "access/unknown", says: "A token is needed." } })
    if (always !== null) return send(response, always.status, { error: { code: "serve/away", says: always.says } })
    if (pathname.endsWith("/sprites")) return send(response, 200, CELLS)
    if (pathname !== "/api/v1/tiles")
      return send(response, 404, { error: { code: "serve/none", says: "Nothing here." } })
    const at = Number(searchParams.get("at"))
    asked.push(at)
    const count = Math.max(0, Math.min(Number(searchParams.get("limit")), total - at))
    return send(response, 200, {
      total,
      tiles: Array.from({ length: count }, (_, offset) => tileAt(at + offset, { nameOf, sheet })),
    })
  }
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answerAlways: (to) => {
      always = to
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(response: ServerResponse, status: number, body: unknown): ServerResponse {
  response.writeHead(status, { "content-type": "application/json" })
  return response.end(JSON.stringify(body))
}

/** Of a movie of four frames: the sequence's, with the one that is held. */
const CELLS = { width: 10, height: 10, columns: 4, rows: 1, moments: [0, 1, 2, 3].map((frame) => [frame, frame]) }

const urlsOf = (sheet: URL | undefined) =>
  sheet === undefined ? {} : { sprites: { url: sheet.href, expires_at: "2026-04-01T00:05:00.000Z" } }

/** Shots, frames and failures in turn. */
function tileAt(
  at: number,
  { nameOf, sheet }: Pick<TilesServerOptions, "nameOf"> & { readonly sheet: URL | undefined },
): TileAnswer {
  const [named, name] = [{ id: `${at}`, version: at % 2 === 0 ? "001" : null, urls: {} }, nameOf(at)]
  if (at % 3 === 0)
    return { ...sequenceRow({ head: `${name}.`, folder: "a/" }), ...named, urls: urlsOf(sheet), kind: "shot" }
  if (at % 3 === 1) return { ...proxyOutput({ s3_key: `a/${name}` }), ...named, kind: "frame" }
  const failure = { state: "failed", failure_code: "picture/damaged", failure_says: name } as const
  return { ...elementRow({ key: `a/${name}`, ...failure }), ...named, kind: "failed" }
}
