/** A TIFF of three channels that is nothing but its samples: uncompressed, in strips, little-endian. */
export type PlainTiff<Samples> = { readonly width: number; readonly height: number; readonly samples: Samples }

const [WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC] = [256, 257, 258, 259, 262]
const [OFFSETS, SAMPLES_PER_PIXEL, ROWS_PER_STRIP, COUNTS, SAMPLE_FORMAT] = [273, 277, 278, 279, 339]
const [SHORT, LONG] = [3, 4]

/** Null for anything but a plain TIFF of this sample size; so for the others. */
export const floatsOf = (file: Buffer): PlainTiff<Float32Array> | null =>
  read(file, 32, (bytes) => new Float32Array(bytes.buffer))

export const wordsOf = (file: Buffer): PlainTiff<Uint16Array> | null =>
  read(file, 16, (bytes) => new Uint16Array(bytes.buffer))

export const bytesOf = (file: Buffer): PlainTiff<Uint8Array> | null => read(file, 8, (bytes) => bytes)

function read<Samples>(
  file: Buffer,
  bits: number,
  view: (bytes: Uint8Array<ArrayBuffer>) => Samples,
): PlainTiff<Samples> | null {
  if (file.length < 8 || file.toString("latin1", 0, 4) !== "II*\0") return null
  const tags = tagsOf(file)
  const one = (tag: number): number => tags.get(tag)?.[0] ?? 0
  const [width, height] = [one(WIDTH), one(HEIGHT)]
  const counts = tags.get(COUNTS) ?? []
  const strips = (tags.get(OFFSETS) ?? []).map((offset, strip) => file.subarray(offset, offset + (counts[strip] ?? 0)))
  const bytes = Uint8Array.from(Buffer.concat(strips))
  const isPlain = one(BITS) === bits && one(SAMPLES_PER_PIXEL) === 3 && one(COMPRESSION) === 1
  return isPlain && bytes.length === width * height * 3 * (bits / 8) ? { width, height, samples: view(bytes) } : null
}

/** Values of the first directory's SHORT and LONG tags (TIFF 6.0, section 2). */
function tagsOf(file: Buffer): ReadonlyMap<number, readonly number[]> {
  const directory = file.readUInt32LE(4)
  if (directory + 2 > file.length) return new Map()
  const entries = Array.from({ length: file.readUInt16LE(directory) }, (_, index) => directory + 2 + index * 12)
  return new Map(
    entries.filter((at) => at + 12 <= file.length).map((at) => [file.readUInt16LE(at), valuesAt(file, at)] as const),
  )
}

function valuesAt(file: Buffer, entry: number): readonly number[] {
  const [type, count] = [file.readUInt16LE(entry + 2), file.readUInt32LE(entry + 4)]
  if (type !== SHORT && type !== LONG) return []
  const size = type === SHORT ? 2 : 4
  const start = size * count <= 4 ? entry + 8 : file.readUInt32LE(entry + 8)
  if (start + size * count > file.length) return []
  return Array.from({ length: count }, (_, index) =>
    size === 2 ? file.readUInt16LE(start + 2 * index) : file.readUInt32LE(start + 4 * index),
  )
}

/** Bytes of a plain TIFF of single-precision samples, all in one strip. */
export function floatTiff({ width, height, samples }: PlainTiff<Float32Array>): Buffer {
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [WIDTH, LONG, 1, width],
    [HEIGHT, LONG, 1, height],
    [BITS, SHORT, 3, BITS_AT],
    [COMPRESSION, SHORT, 1, 1],
    [PHOTOMETRIC, SHORT, 1, 2],
    [OFFSETS, LONG, 1, SAMPLES_AT],
    [SAMPLES_PER_PIXEL, SHORT, 1, 3],
    [ROWS_PER_STRIP, LONG, 1, height],
    [COUNTS, LONG, 1, samples.byteLength],
    [SAMPLE_FORMAT, SHORT, 3, FORMATS_AT],
  ]
  const head = Buffer.alloc(SAMPLES_AT)
  head.write("II*\0", "latin1")
  head.writeUInt32LE(8, 4)
  head.writeUInt16LE(entries.length, 8)
  entries.forEach(([tag, type, count, value], index) => {
    const at = 10 + index * 12
    head.writeUInt16LE(tag, at)
    head.writeUInt16LE(type, at + 2)
    head.writeUInt32LE(count, at + 4)
    head.writeUInt32LE(value, at + 8)
  })
  for (const channel of [0, 1, 2]) {
    head.writeUInt16LE(32, BITS_AT + 2 * channel)
    head.writeUInt16LE(3, FORMATS_AT + 2 * channel)
  }
  return Buffer.concat([head, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)])
}

/** Behind the ten entries: three times 32 bits, three times floating point, the samples. */
const [BITS_AT, FORMATS_AT, SAMPLES_AT] = [136, 142, 160]
