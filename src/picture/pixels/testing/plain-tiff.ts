/** An uncompressed TIFF of three channels, one strip after the other: what oiiotool writes with `--compression none`. */
export type PlainTiff<Samples> = { readonly width: number; readonly height: number; readonly samples: Samples }

const [WIDTH, HEIGHT, BITS, OFFSETS, SAMPLES_PER_PIXEL, COUNTS] = [256, 257, 258, 273, 277, 279]

export const floatsOf = (file: Buffer): PlainTiff<Float32Array> =>
  read(file, 32, (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4))

export const wordsOf = (file: Buffer): PlainTiff<Uint16Array> =>
  read(file, 16, (bytes) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2))

export const bytesOf = (file: Buffer): PlainTiff<Uint8Array> => read(file, 8, (bytes) => bytes)

function read<Samples>(file: Buffer, bits: number, view: (bytes: Uint8Array) => Samples): PlainTiff<Samples> {
  const tags = tagsOf(file)
  const one = (tag: number): number => tags.get(tag)?.[0] ?? 0
  if (one(BITS) !== bits || one(SAMPLES_PER_PIXEL) !== 3) throw new Error(`Not three channels of ${bits} bits.`)
  const counts = tags.get(COUNTS) ?? []
  const strips = (tags.get(OFFSETS) ?? []).map((offset, strip) => file.subarray(offset, offset + (counts[strip] ?? 0)))
  const bytes = Uint8Array.from(Buffer.concat(strips))
  if (bytes.length !== one(WIDTH) * one(HEIGHT) * 3 * (bits / 8)) throw new Error("Not uncompressed.")
  return { width: one(WIDTH), height: one(HEIGHT), samples: view(bytes) }
}

function tagsOf(file: Buffer): ReadonlyMap<number, readonly number[]> {
  const directory = file.readUInt32LE(4)
  const entries = Array.from({ length: file.readUInt16LE(directory) }, (_, index) => directory + 2 + index * 12)
  return new Map(entries.map((at) => [file.readUInt16LE(at), valuesAt(file, at)]))
}

function valuesAt(file: Buffer, entry: number): readonly number[] {
  const [type, count] = [file.readUInt16LE(entry + 2), file.readUInt32LE(entry + 4)]
  if (type !== 3 && type !== 4) return []
  const size = type === 3 ? 2 : 4
  const start = size * count <= 4 ? entry + 8 : file.readUInt32LE(entry + 8)
  return Array.from({ length: count }, (_, index) =>
    size === 2 ? file.readUInt16LE(start + 2 * index) : file.readUInt32LE(start + 4 * index),
  )
}
