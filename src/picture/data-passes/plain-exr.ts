import type { Box } from "../../events/records.generated.ts"
import { boxHeight, boxWidth } from "../read/header/model.ts"

export type PlainExr = {
  readonly dataWindow: Box
  readonly displayWindow: Box
  /** In any order; the file has them in that of their names. */
  readonly channels: readonly string[]
}

/** Takes the rows of the data window from the top down, a plane a channel, in the order of `channels`; and their end. */
export type ExrWriter = { readonly put: (planes: readonly Float32Array[]) => void; readonly end: () => void }

/** Bytes that are handed on at once, at least; but for the last ones. */
const PIECE_BYTES = 2 ** 20

/** Makes an EXR of single-precision scan lines without compression, piece by piece; a piece is valid until `write` returns. */
export function openPlainExr(write: (piece: Uint8Array) => void, picture: PlainExr): ExrWriter {
  const { dataWindow, channels } = picture
  const order = channels
    .map((_, index) => index)
    .toSorted((a, b) => ((channels[a] ?? "") < (channels[b] ?? "") ? -1 : 1))
  const [width, height] = [boxWidth(dataWindow), boxHeight(dataWindow)]
  const header = headerBytes(picture)
  const lineBytes = 8 + width * 4 * channels.length
  const table = Buffer.alloc(height * 8)
  for (let row = 0; row < height; row++)
    table.writeBigUInt64LE(BigInt(header.length + table.length + row * lineBytes), row * 8)
  write(Buffer.concat([header, table]))
  const lines = Buffer.alloc(lineBytes * Math.ceil(PIECE_BYTES / lineBytes))
  let [y, filled] = [dataWindow.yMin, 0]
  return {
    put(planes) {
      const line = lines.subarray(filled, filled + lineBytes)
      line.writeInt32LE(y++, 0)
      line.writeInt32LE(lineBytes - 8, 4)
      order.forEach((channel, place) => {
        const plane = planes[channel] as Float32Array
        line.set(new Uint8Array(plane.buffer, plane.byteOffset, width * 4), 8 + place * width * 4)
      })
      filled += lineBytes
      if (filled < lines.length) return
      write(lines)
      filled = 0
    },
    end: () => write(lines.subarray(0, filled)),
  }
}

const MAGIC = Uint8Array.of(0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0)
const [FLOAT, UNCOMPRESSED, INCREASING] = [2, 0, 0]

function headerBytes({ dataWindow, displayWindow, channels }: PlainExr): Buffer {
  const list = channels.toSorted().map((name) => Buffer.concat([text(name), ints(FLOAT, 0, 1, 1)]))
  const attributes = [
    attribute("channels", "chlist", Buffer.concat([...list, Buffer.alloc(1)])),
    attribute("compression", "compression", Buffer.of(UNCOMPRESSED)),
    attribute("dataWindow", "box2i", boxBytes(dataWindow)),
    attribute("displayWindow", "box2i", boxBytes(displayWindow)),
    attribute("lineOrder", "lineOrder", Buffer.of(INCREASING)),
    attribute("pixelAspectRatio", "float", floats(1)),
    attribute("screenWindowCenter", "v2f", floats(0, 0)),
    attribute("screenWindowWidth", "float", floats(1)),
  ]
  return Buffer.concat([MAGIC, ...attributes, Buffer.alloc(1)])
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`, "latin1")

function ints(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, index * 4)
  return bytes
}

function floats(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes
}

const boxBytes = ({ xMin, yMin, xMax, yMax }: Box): Buffer => ints(xMin, yMin, xMax, yMax)

const attribute = (name: string, type: string, value: Uint8Array): Buffer =>
  Buffer.concat([text(name), text(type), ints(value.length), value])
