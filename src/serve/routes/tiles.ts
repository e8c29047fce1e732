import { Type } from "typebox"
import { frameNameOf } from "../../element/frame-name.ts"
import { fileNameOf, folderOf } from "../../element/key.ts"
import type { Result } from "../../events/result.ts"
import { done } from "../../events/result.ts"
import type { Tile, TilePlace } from "../../table/pages.ts"
import type { ProxyOutputRow } from "../../table/rows.ts"
import type { Addresses } from "../addresses.ts"
import { cursorOf, placeIn, UNKNOWN_CURSOR } from "../cursor.ts"
import type { Opened } from "../ports.ts"
import { REFUSALS, type Refusal, refuse } from "../refusal.ts"
import { cursorText, limit, NextCursor, text, urlsBody } from "../rows.ts"
import { middleKeys, sequenceUrls, versionOf } from "../sequence-body.ts"
import { API, type RouteGroup } from "../serving.ts"

const Query = Type.Object(
  {
    bucket: text("Bucket of the sources."),
    prefix: text("What the name begins with."),
    state: Type.Optional(Type.Enum(["made", "settled", "failed"])),
    q: text("A part of the name, in upper or lower case."),
    order: Type.Enum(["name", "newest"], { default: "newest" }),
    limit: limit(500),
    at: Type.Optional(Type.Integer({ minimum: 0, description: "How many tiles of the order come before." })),
    cursor: cursorText,
  },
  { additionalProperties: false },
)

const TileBody = Type.Object(
  {
    kind: Type.Enum(["shot", "frame", "failed"]),
    id: Type.String({ description: "The same as long as the tile is there." }),
    bucket: Type.String(),
    folder: Type.String({ description: "With its slash." }),
    name: Type.String({ description: "Of a file, or of a sequence: head, # and tail." }),
    version: Type.Union([Type.String(), Type.Null()]),
    state: Type.String(),
    changed_at_ms: Type.Integer(),
    urls: urlsBody("thumbnail", "proxy", "poster", "sprites", "vtt", "movie", "manifest", "review"),
  },
  {
    additionalProperties: true,
    description:
      "A sequence, a single frame that has outputs, or a single source that failed, with the columns of its row: of sequences, proxy_outputs or elements.",
  },
)

const Page = Type.Object({
  tiles: Type.Array(TileBody),
  total: Type.Integer({ description: "Of all tiles that were asked for." }),
  at: Type.Union([Type.Integer(), Type.Null()], { description: "Of the first tile; null behind a cursor." }),
  next_cursor: NextCursor,
})

const notBoth: Refusal = { status: 400, code: "request/invalid", says: "Either at or cursor says where a page begins." }

const placeOf = (tile: Tile) => [tile.bucket, tile.name, tile.changed_at_ms, tile.kind === "shot"]

async function pictures(row: ProxyOutputRow, addresses: Addresses) {
  const [thumbnail, proxy] = await Promise.all([
    addresses.at(row.s3_bucket, row.thumbnail_s3_key, "picture"),
    addresses.at(row.s3_bucket, row.proxy_s3_key, "movie"),
  ])
  return { thumbnail, proxy }
}

/** Of each shot the outputs of the frame in its middle; none where that was never found. */
async function middles(
  tiles: readonly Tile[],
  { table }: Opened,
): Promise<Result<ReadonlyMap<string, ProxyOutputRow>>> {
  const wanted = tiles.flatMap((tile) =>
    tile.kind === "shot" ? middleKeys(tile.sequence).map((key) => ({ tile, key })) : [],
  )
  if (wanted.length === 0) return done(new Map())
  const found = await table.lookUp(wanted.map(({ tile, key }) => ({ bucket: tile.bucket, key })))
  if (!found.ok) return found
  const rows = wanted.flatMap(({ tile }, index): (readonly [string, ProxyOutputRow])[] => {
    const output = found.value[index]?.output ?? null
    return output === null ? [] : [[idOf(tile), output]]
  })
  return done(new Map(rows))
}

/** A shot is called by its sequence_id: the console's address of it, and of the API's sequences, too. */
const idOf = (tile: Tile): string => (tile.kind === "shot" ? tile.sequence.sequence_id : `${tile.bucket}/${tile.name}`)

type Showing = {
  readonly opened: Opened
  readonly addresses: Addresses
  readonly middle: ReadonlyMap<string, ProxyOutputRow>
}

async function bodyOf(tile: Tile, { opened, addresses, middle }: Showing) {
  const { kind, bucket, name, state, changed_at_ms } = tile
  const own = { kind, id: idOf(tile), bucket, folder: folderOf(name), name: fileNameOf(name), state, changed_at_ms }
  if (tile.kind === "shot") {
    const { report_json: _, ...row } = tile.sequence
    const shown = middle.get(own.id)
    const thumbnail = shown === undefined ? null : (await pictures(shown, addresses)).thumbnail
    const urls = { thumbnail, ...(await sequenceUrls(tile.sequence, opened, addresses)) }
    return { ...row, ...own, version: versionOf(tile.sequence), urls }
  }
  const version = frameNameOf(name, "always")?.version ?? null
  if (tile.kind === "frame") return { ...tile.output, ...own, version, urls: await pictures(tile.output, addresses) }
  return { ...tile.element, ...own, version, urls: {} }
}

/** What a grid shows of everything, from any place on. */
export const tiles: RouteGroup = (app, { ports, addresses, scrubCells }) => {
  const schema = {
    tags: ["tiles"],
    summary: "One tile for each sequence, single frame and failed source, a page from anywhere",
    querystring: Query,
    response: { 200: Page, ...REFUSALS },
  }
  app.get(`${API}/tiles`, { schema }, async ({ query }, reply) => {
    const opened = ports.opened()
    const { cursor, order, q, at, ...wanted } = query
    if (cursor !== undefined && at !== undefined) return refuse(reply, notBoth)
    const place = cursor === undefined ? undefined : placeIn(cursor, order, ["string", "string", "number", "boolean"])
    if (place === null) return refuse(reply, UNKNOWN_CURSOR)
    const [bucket, name, changed_at_ms, isShot] = place ?? []
    const after = place === undefined ? undefined : ({ bucket, name, changed_at_ms, isShot } as TilePlace)
    const page = await opened.table.tilesPage({ ...wanted, order, part: q, after, at })
    if (!page.ok) return refuse(reply, ports.refusal(page.failure))
    const middle = await middles(page.value.tiles, opened)
    if (!middle.ok) return refuse(reply, ports.refusal(middle.failure))
    for (const tile of page.value.tiles) if (tile.kind === "shot") scrubCells.listed(tile.sequence)
    const showing = { opened, addresses, middle: middle.value }
    const last = page.value.tiles.length === wanted.limit ? page.value.tiles.at(-1) : undefined
    return {
      tiles: await Promise.all(page.value.tiles.map((tile) => bodyOf(tile, showing))),
      total: page.value.total,
      at: place === undefined ? (at ?? 0) : null,
      next_cursor: last === undefined ? null : cursorOf(order, placeOf(last)),
    }
  })
}
