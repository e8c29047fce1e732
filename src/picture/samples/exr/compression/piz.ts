import { type ChunkLayout, channelRows, type Decompress } from "../chunks/layout.ts"
import { unpackHuffman } from "./piz-huffman.ts"
import { type ChunkWords, type Differences, finishWavelet, mergeLevels, type WordPlane } from "./piz-wavelet.ts"

/** Numbers below this are transformed with plain differences. */
const PLAIN_NUMBERS = 1 << 14
/** Chunks up to this size share memory; larger ones get their own, given back afterwards. */
const KEPT_BYTES = 2 ** 23
/** A run of one word is the shortest that a bit can stand for: a chunk that promises more is not worth memory. */
const WORDS_PER_BIT = 256
/** The Huffman decoder writes two words at a time. */
const MARGIN_WORDS = 4

const values = new Uint16Array(65536)
let kept: ChunkBuffers = newBuffers(0)

type ChunkBuffers = ChunkWords & { readonly pixels: Uint16Array }

function newBuffers(words: number): ChunkBuffers {
  const memory = new ArrayBuffer((words + MARGIN_WORDS) * 2)
  return { words: new Uint16Array(memory), signed: new Int16Array(memory), pixels: new Uint16Array(words) }
}

/**
 * PIZ: the words that occur are numbered, each channel goes through a 2-D Haar wavelet, and all of it through one
 * Huffman code (OpenEXR's ImfPizCompressor; float and uint channels are two planes of 16-bit words each).
 */
export const decompressPiz: Decompress = (chunk, layout) => {
  const size = layout.sizeBytes / 2
  if (size > chunk.length * 8 * WORDS_PER_BIT) return null
  const buffers = buffersFor(size)
  const pixelBytes = new Uint8Array(buffers.pixels.buffer, 0, layout.sizeBytes)
  if (size === 0) return pixelBytes
  const numbered = readValues(chunk, values)
  if (numbered === null) return null
  const packed = huffmanBytes(chunk, numbered.sizeBytes)
  if (packed === null || !unpackHuffman(packed, { words: buffers.words, size })) return null
  const differences = numbered.highest < PLAIN_NUMBERS ? "plain" : "modulo"
  unpackChannels(layout, buffers, differences)
  return pixelBytes
}

function buffersFor(words: number): ChunkBuffers {
  if (words <= kept.pixels.length) return kept
  const made = newBuffers(words)
  if (words * 2 <= KEPT_BYTES) kept = made
  return made
}

function huffmanBytes(chunk: Uint8Array, offset: number): Uint8Array | null {
  if (offset + 4 > chunk.length) return null
  const lengthBytes = new DataView(chunk.buffer, chunk.byteOffset).getUint32(offset, true)
  const end = offset + 4 + lengthBytes
  return end <= chunk.length ? chunk.subarray(offset + 4, end) : null
}

function unpackChannels(layout: ChunkLayout, buffers: ChunkBuffers, differences: Differences): void {
  const rowStarts = channelRows(layout)
  let start = 0
  layout.channels.forEach((channel, index) => {
    const step = channel.sampleBytes / 2
    const pitch = channel.columns * step
    for (let word = 0; word < step; word++) {
      const plane: WordPlane = { start: start + word, columns: channel.columns, rows: channel.rows, step, pitch }
      mergeLevels(plane, buffers, differences)
      const starts = (rowStarts[index] ?? new Int32Array(0)).map((row) => row + word)
      finishWavelet(plane, buffers, differences, { out: buffers.pixels, rowStarts: starts, values })
    }
    start += pitch * channel.rows
  })
}

/** One bit for each of the 65536 words. */
const BITMAP_BYTES = 8192

/** What a chunk's numbers stand for. */
type NumberedValues = {
  /** The highest number in use. */
  readonly highest: number
  /** Bytes that said so, at the start of the chunk. */
  readonly sizeBytes: number
}

/**
 * Reads which 16-bit words occur in a chunk's pixels and fills `values`: the n-th of them is number n. 0 counts as
 * occurring always. Null where the bytes are damaged.
 */
function readValues(chunk: Uint8Array, values: Uint16Array): NumberedValues | null {
  if (chunk.length < 4) return null
  const lowest = (chunk[0] as number) | ((chunk[1] as number) << 8)
  const highest = (chunk[2] as number) | ((chunk[3] as number) << 8)
  const mapBytes = Math.max(0, highest - lowest + 1)
  if (highest >= BITMAP_BYTES || 4 + mapBytes > chunk.length) return null
  values[0] = 0
  let count = 1
  for (let byte = 0; byte < mapBytes; byte++) {
    const bits = chunk[4 + byte] as number
    for (let bit = byte === 0 && lowest === 0 ? 1 : 0; bits >>> bit > 0; bit++)
      if (((bits >>> bit) & 1) === 1) values[count++] = (lowest + byte) * 8 + bit
  }
  values.fill(0, count)
  return { highest: count - 1, sizeBytes: 4 + mapBytes }
}
