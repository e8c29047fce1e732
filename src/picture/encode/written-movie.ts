export type WrittenMovie = {
  readonly width: number
  readonly height: number
  readonly frames: number
  /** The index stands before the pictures, so that a player can start at once. */
  readonly isFastStart: boolean
}

type Box = { readonly type: string; readonly body: Buffer }

/** Size and frame count of the first picture track of an MP4 (ISO 14496-12), null when there is none. */
export function readWrittenMovie(bytes: Buffer): WrittenMovie | null {
  const top = boxesIn(bytes)
  const [index, data] = [top.findIndex(({ type }) => type === "moov"), top.findIndex(({ type }) => type === "mdat")]
  const tables = boxesIn(top[index]?.body ?? Buffer.alloc(0))
    .filter(({ type }) => type === "trak")
    .map(({ body }) => descend(body, ["mdia", "minf", "stbl"]))
  for (const table of tables) {
    const movie = sizeOf(table)
    if (movie !== null) return { ...movie, isFastStart: index >= 0 && index < data }
  }
  return null
}

function sizeOf(table: Buffer): Omit<WrittenMovie, "isFastStart"> | null {
  const [descriptions, sizes] = [descend(table, ["stsd"]), descend(table, ["stsz"])]
  const entry = descriptions.subarray(8)
  if (entry.length < 36 || entry.toString("latin1", 4, 8) !== "avc1" || sizes.length < 12) return null
  return { width: entry.readUInt16BE(32), height: entry.readUInt16BE(34), frames: sizes.readUInt32BE(8) }
}

function descend(bytes: Buffer, path: readonly string[]): Buffer {
  return path.reduce((inside, type) => boxesIn(inside).find((box) => box.type === type)?.body ?? Buffer.alloc(0), bytes)
}

function boxesIn(bytes: Buffer): readonly Box[] {
  const boxes: Box[] = []
  let at = 0
  while (at + 8 <= bytes.length) {
    const stated = bytes.readUInt32BE(at)
    const isLong = stated === 1 && at + 16 <= bytes.length
    const length = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : stated
    if (length < 8 || at + length > bytes.length) break
    boxes.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      body: bytes.subarray(at + (isLong ? 16 : 8), at + length),
    })
    at += length
  }
  return boxes
}
