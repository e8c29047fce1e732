import { attempt, firstBytes, openCursor } from "./bytes.ts"

const ORIENTATION = 0x0112
const MOST_ENTRIES = 512

/** TIFF/Exif orientation 1..8 that the Exif block of a picture states; 1 where it states none, null where it is damaged. */
export function exifOrientation(exif: Uint8Array): number | null {
  const order = String.fromCharCode(...exif.subarray(0, 2))
  if (order !== "II" && order !== "MM") return null
  const read = attempt(() => {
    const cursor = openCursor(firstBytes(exif, exif.length), order === "II")
    cursor.seek(4)
    const directory = cursor.u32()
    cursor.seek(directory)
    const count = Math.min(cursor.u16(), MOST_ENTRIES)
    for (let entry = 0; entry < count; entry += 1) {
      cursor.seek(directory + 2 + 12 * entry)
      const [tag, type] = [cursor.u16(), cursor.u16()]
      cursor.u32()
      if (tag === ORIENTATION) return type === 3 ? cursor.u16() : cursor.u32()
    }
    return 1
  })
  if (read.kind !== "read") return null
  return read.value >= 1 && read.value <= 8 ? read.value : 1
}

export const EXIF_DAMAGED =
  "The picture's Exif block cannot be read: it is shown as it is stored, without being turned."
