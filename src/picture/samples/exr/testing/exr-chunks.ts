import { linesPerChunk } from "../../../read/header/exr-values.ts"
import type { HeaderPart } from "../../../read/header/model.ts"
import { type ChunkLayout, chunkLayout } from "../chunks/layout.ts"
import { readOffsetTable } from "../chunks/offset-table.ts"
import { openChunks } from "../chunks/read-chunks.ts"
import { headerOf, memoryBytes } from "./opened.ts"

export type PackedChunk = { readonly packed: Uint8Array; readonly layout: ChunkLayout }

/** Chunk `index` of the only part of an EXR of scan lines, as it is stored. */
export function packedChunk(file: Uint8Array, index: number): PackedChunk {
  const header = headerOf(file)
  const part = header?.parts[0]
  if (header === null || part === undefined) throw new Error("the header is refused")
  const table = readOffsetTable(memoryBytes(file), { header, part: 0, limitBytes: 2 ** 24 })
  if (!table.ok) throw new Error(table.failure.says)
  const layout = chunkLayout(part.channels, linesOf(part, index))
  const place = [layout.firstY]
  const packed = openChunks(memoryBytes(file), table.value)({ index, place, sizeBytes: layout.sizeBytes })
  if (!packed.ok) throw new Error(packed.failure.says)
  return { packed: packed.value.slice(), layout }
}

function linesOf({ dataWindow, compression }: HeaderPart, index: number): HeaderPart["dataWindow"] {
  const lines = linesPerChunk(compression) ?? 1
  const yMin = dataWindow.yMin + index * lines
  return { ...dataWindow, yMin, yMax: Math.min(dataWindow.yMax, yMin + lines - 1) }
}
