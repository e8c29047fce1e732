// What a WAV file says of itself: RIFF WAVE, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), and the chunk of Broadcast Wave.

import { type FileHandle, open } from "node:fs/promises"

export type Wav = {
  readonly channels: number
  /** Samples a second, of each channel. */
  readonly rate: number
  readonly bits: number
  readonly isFloat: boolean
  /** Samples of each channel that are there. */
  readonly samples: number
  /** Time of the first sample since midnight, in samples (Broadcast Wave); null where none is stated. */
  readonly timeReference: number | null
  /** It ends before it says that it does. */
  readonly isCut: boolean
}

/** What is wrong with a file, as the end of a sentence that begins with its name. */
export type NoWav = { readonly problem: string }

/** Chunks that are gone through before the samples: recorders write a handful. */
const MOST_CHUNKS = 1000

const MOST_CHANNELS = 64
const [LEAST_RATE, MOST_RATE] = [8_000, 384_000]

const NO_WAV: NoWav = { problem: "is no WAV file" }

/** Reads heads of chunks alone. Whatever the file holds, the answer is what it is or a sentence. Rejects where it cannot be read. */
export async function readWav(path: string): Promise<Wav | NoWav> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    return size === 0 ? { problem: "is empty" } : await wavIn(file, size)
  } finally {
    await file.close()
  }
}

type Chunk = { readonly id: string; readonly at: number; readonly length: number }

async function wavIn(file: FileHandle, size: number): Promise<Wav | NoWav> {
  const head = await bytesAt(file, 0, 12)
  const [riff, wave] = [head.toString("latin1", 0, 4), head.toString("latin1", 8, 12)]
  if (!["RIFF", "RF64", "BW64"].includes(riff) || wave !== "WAVE") return NO_WAV
  const chunks = new Map<string, Chunk>()
  let longData: number | null = null
  let at = 12
  for (let count = 0; count < MOST_CHUNKS && at + 8 <= size && !chunks.has("data"); count++) {
    const bytes = await bytesAt(file, at, 8)
    const id = bytes.toString("latin1", 0, 4)
    const stated = bytes.readUInt32LE(4)
    if (id === "ds64") longData = await longDataOf(file, at + 8)
    const length = id === "data" && riff !== "RIFF" && stated === 0xffffffff ? (longData ?? 0) : stated
    if (!chunks.has(id)) chunks.set(id, { id, at: at + 8, length })
    at += 8 + length + (length % 2)
  }
  const [format, data] = [chunks.get("fmt "), chunks.get("data")]
  if (format === undefined) return { problem: "states no format" }
  if (data === undefined) return { problem: "holds no samples" }
  const said = await formatIn(file, format)
  if ("problem" in said) return said
  const { frameBytes, ...known } = said
  const samples = Math.floor(Math.min(data.length, size - data.at) / frameBytes)
  if (samples < 1) return { problem: "holds no samples" }
  return {
    ...known,
    samples,
    timeReference: await timeReferenceIn(file, chunks.get("bext")),
    isCut: data.at + data.length > size,
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  // What lies behind the end stays zero.
  await file.read(bytes, 0, length, at)
  return bytes
}

/** Size of the samples in a file beyond 4 GiB. */
async function longDataOf(file: FileHandle, at: number): Promise<number> {
  const bytes = await bytesAt(file, at, 16)
  return Number(bytes.readBigUInt64LE(8))
}

const [PCM, FLOAT, EXTENSIBLE] = [1, 3, 0xfffe]

async function formatIn(file: FileHandle, { at, length }: Chunk) {
  if (length < 16) return NO_WAV
  const bytes = await bytesAt(file, at, 40)
  const tag = bytes.readUInt16LE(0)
  const kind = tag === EXTENSIBLE && length >= 40 ? bytes.readUInt16LE(24) : tag
  const [channels, rate, frameBytes, bits] = [
    bytes.readUInt16LE(2),
    bytes.readUInt32LE(4),
    bytes.readUInt16LE(12),
    bytes.readUInt16LE(14),
  ]
  const isKnown = (kind === PCM && [8, 16, 24, 32].includes(bits)) || (kind === FLOAT && [32, 64].includes(bits))
  if (!isKnown) return { problem: `holds samples of kind ${kind} with ${bits} bits, not plain PCM` }
  if (channels < 1 || channels > MOST_CHANNELS) return { problem: `has ${channels} channels` }
  if (rate < LEAST_RATE || rate > MOST_RATE) return { problem: `has ${rate} samples a second` }
  if (frameBytes !== (channels * bits) / 8) return { problem: "states sizes that do not fit together" }
  return { channels, rate, bits, isFloat: kind === FLOAT, frameBytes }
}

/** Where TimeReference stands in the chunk of Broadcast Wave (EBU Tech 3285). */
const TIME_REFERENCE = 338

/** Many programs write 0 where they know no time. */
async function timeReferenceIn(file: FileHandle, chunk: Chunk | undefined): Promise<number | null> {
  if (chunk === undefined || chunk.length < TIME_REFERENCE + 8) return null
  const stated = Number((await bytesAt(file, chunk.at + TIME_REFERENCE, 8)).readBigUInt64LE(0))
  return stated > 0 && Number.isSafeInteger(stated) ? stated : null
}
