import type { Box, Tiles } from "../../../../events/records.generated.ts"
import { done, type Failure, failure, type Result } from "../../../../events/result.ts"
import { boxHeight, boxWidth, type HeaderPart } from "../../../read/header/model.ts"
import type { RowRange } from "../../index.ts"
import { type ChunkLayout, chunkLayout, chunkLayouts } from "../chunks/layout.ts"
import { damaged } from "../chunks/offset-table.ts"
import { openChunks, type ReadChunk } from "../chunks/read-chunks.ts"
import { openUnpack, type Unpack } from "../compression/unpack.ts"
import { type PartSource, type Targets, takeRow, targetsOf, type VisitPlanes } from "./planes.ts"

/** Column and row of a tile. */
type TileAt = { readonly across: number; readonly down: number }

function tileBox({ dataWindow }: HeaderPart, tiles: Tiles, { across, down }: TileAt): Box {
  const xMin = dataWindow.xMin + across * tiles.width
  const yMin = dataWindow.yMin + down * tiles.height
  const xMax = Math.min(dataWindow.xMax, xMin + tiles.width - 1)
  return { xMin, yMin, xMax, yMax: Math.min(dataWindow.yMax, yMin + tiles.height - 1) }
}

/** Samples of one plane in a row of tiles. */
const planeLength = ({ dataWindow }: HeaderPart, tiles: Tiles): number =>
  boxWidth(dataWindow) * Math.min(tiles.height, boxHeight(dataWindow))

/** Why a row of tiles would take more memory than it may, or null: asked before any is taken. */
export function tileProblem(part: HeaderPart, tiles: Tiles, planes: number, limitBytes: number): Failure | null {
  const tileBytes = chunkLayout(part.channels, tileBox(part, tiles, { across: 0, down: 0 })).sizeBytes
  const needBytes = tileBytes + planes * planeLength(part, tiles) * 4
  if (needBytes <= limitBytes) return null
  return failure("picture/over-limit", `A row of tiles needs ${needBytes} bytes; ${limitBytes} are allowed.`)
}

/** Where the tiles of one row go: planes as wide as the data window, and which of their rows are asked for. */
type TileRow = { readonly targets: Targets; readonly width: number; readonly first: number; readonly last: number }

/**
 * Reads planes from tiles; of mip- and rip-maps the full size, whose tiles stand first in the table. It holds one tile, and one
 * row of tiles of each plane.
 */
export function tileReader(source: PartSource, tiles: Tiles): (range: RowRange, visit: VisitPlanes) => Result<void> {
  const { bytes, part, table, shown } = source
  const [width, height] = [boxWidth(part.dataWindow), boxHeight(part.dataWindow)]
  const planes = shown.map(() => new Float32Array(planeLength(part, tiles)))
  const targets = targetsOf(source, planes)
  const readTile = tileInto(part, tiles)
  const tilesAcross = Math.ceil(width / tiles.width)
  return (range, visit) => {
    const readChunk = openChunks(bytes, table)
    const last = Math.min(range.last, height - 1)
    for (let down = Math.floor(range.first / tiles.height); down * tiles.height <= last; down++) {
      const top = down * tiles.height
      const rows = { first: Math.max(0, range.first - top), last: Math.min(last - top, tiles.height - 1) }
      for (let across = 0; across < tilesAcross; across++) {
        const read = readTile(readChunk, { across, down }, { targets, width, ...rows })
        if (!read.ok) return read
      }
      for (let row = rows.first; row <= rows.last; row++)
        visit(
          top + row,
          planes.map((plane) => plane.subarray(row * width, (row + 1) * width)),
        )
    }
    return done(undefined)
  }
}

type ReadTile = (readChunk: ReadChunk, at: TileAt, into: TileRow) => Result<void>

function tileInto(part: HeaderPart, tiles: Tiles): ReadTile {
  const unpack: Unpack = openUnpack(part.compression)
  const layoutOf = chunkLayouts(part.channels)
  const tilesAcross = Math.ceil(boxWidth(part.dataWindow) / tiles.width)
  return (readChunk, { across, down }, into) => {
    const layout: ChunkLayout = layoutOf(tileBox(part, tiles, { across, down }))
    const index = down * tilesAcross + across
    const packed = readChunk({ index, place: [across, down, 0, 0], sizeBytes: layout.sizeBytes })
    if (!packed.ok) return packed
    const stream = unpack(packed.value, layout)
    if (stream === null) return damaged(`The tile in column ${across}, row ${down} cannot be unpacked.`)
    for (let row = 0; row <= into.last; row++) {
      const from = row * into.width + across * tiles.width
      takeRow(stream, layout, { y: layout.firstY + row, from, targets: row < into.first ? null : into.targets })
    }
    return done(undefined)
  }
}
