import { deflateSync } from "node:zlib"
import type { ChunkLayout } from "../chunks/layout.ts"
import { pizChunk } from "./piz-writer.ts"

/** Packs the bytes of a chunk as OpenEXR's writers do: as they are where packing does not make them fewer. */
export function packed(compression: string, bytes: Uint8Array, layout: ChunkLayout): Uint8Array {
  const shrunk = pack(compression, bytes, layout)
  return shrunk.length < bytes.length ? shrunk : bytes
}

function pack(compression: string, bytes: Uint8Array, layout: ChunkLayout): Uint8Array {
  if (compression === "zip" || compression === "zips") return deflateSync(differences(split(bytes)))
  if (compression === "rle") return runs(differences(split(bytes)))
  if (compression === "piz" && bytes.length > 0) return pizChunk(layout, new Uint16Array(bytes.slice().buffer))
  return bytes
}

/** The even bytes, then the odd ones. */
const split = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from([...bytes.filter((_, index) => index % 2 === 0), ...bytes.filter((_, index) => index % 2 === 1)])

/** Each byte but the first as its difference from the one before, plus 128. */
const differences = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, index) => (index === 0 ? byte : byte - (bytes[index - 1] ?? 0) + 128))

function runs(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const run = runLength(bytes, at)
    const literal = run > 1 ? 0 : literalLength(bytes, at)
    if (run > 1) out.push(run - 1, bytes[at] ?? 0)
    else out.push(256 - literal, ...bytes.subarray(at, at + literal))
    at += Math.max(run > 1 ? run : 0, literal)
  }
  return Uint8Array.from(out)
}

function runLength(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (end < bytes.length && end - at < 128 && bytes[end] === bytes[at]) end++
  return end - at
}

function literalLength(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (end < bytes.length && end - at < 127 && bytes[end] !== bytes[end - 1]) end++
  return end - at
}
