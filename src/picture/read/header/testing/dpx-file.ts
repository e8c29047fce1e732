export type FieldType = "u8" | "u16" | "u32" | "f32" | "text"

/** Byte offset in the DPX header, type, value. */
export type MadeField = readonly [offset: number, type: FieldType, value: number | string]

export type MadeDpx = {
  readonly littleEndian?: boolean
  /** Offset of the pixels: 2048 with film and television headers, 1664 without (as ffmpeg writes). */
  readonly headerBytes?: number
  readonly width: number
  readonly height: number
  readonly fields?: readonly MadeField[]
  readonly pixels?: Uint8Array
}

/** One 10-bit RGB element, filled method A, unset fields all ones, unless `fields` says otherwise. */
export function dpxFile(made: MadeDpx): Uint8Array {
  const { headerBytes = 2048, littleEndian = false, pixels = new Uint8Array(made.width * made.height * 4) } = made
  const bytes = new Uint8Array(headerBytes + pixels.length)
  bytes.fill(0xff, 0, headerBytes)
  bytes.fill(0, 36, 660)
  bytes.set(pixels, headerBytes)
  const view = new DataView(bytes.buffer)
  for (const [offset, type, value] of [...standardFields(made, headerBytes), ...(made.fields ?? [])]) {
    if (type === "text") bytes.set(new TextEncoder().encode(`${value}`), offset)
    else setField(view, offset, { type, value: Number(value), littleEndian })
  }
  return bytes
}

const standardFields = ({ width, height }: MadeDpx, headerBytes: number): readonly MadeField[] => [
  [0, "u32", 0x53445058],
  [4, "u32", headerBytes],
  [8, "text", "V1.0\0"],
  [768, "u16", 0],
  [770, "u16", 1],
  [772, "u32", width],
  [776, "u32", height],
  [780, "u32", 0],
  [800, "u8", 50],
  [801, "u8", 6],
  [802, "u8", 6],
  [803, "u8", 10],
  [804, "u16", 1],
  [806, "u16", 0],
  [808, "u32", headerBytes],
  [812, "u32", 0],
  [816, "u32", 0],
]

type Setting = { readonly type: FieldType; readonly value: number; readonly littleEndian: boolean }

function setField(view: DataView, offset: number, { type, value, littleEndian }: Setting): void {
  if (type === "u8") view.setUint8(offset, value)
  else if (type === "u16") view.setUint16(offset, value, littleEndian)
  else if (type === "u32") view.setUint32(offset, value, littleEndian)
  else view.setFloat32(offset, value, littleEndian)
}
