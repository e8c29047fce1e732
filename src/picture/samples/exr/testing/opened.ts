import type { Result } from "../../../../events/result.ts"
import { firstBytes } from "../../../read/header/bytes.ts"
import { readExr } from "../../../read/header/exr.ts"
import { DEFAULT_LIMITS } from "../../../read/header/limits.ts"
import type { PictureHeader } from "../../../read/header/model.ts"
import type { ByteSource, RowRange } from "../../index.ts"
import type { PlaneReader } from "../planes/planes.ts"

/** The header of a file in memory; null where it is refused. */
export function headerOf(file: Uint8Array): PictureHeader | null {
  const header = readExr(firstBytes(file, file.length), DEFAULT_LIMITS)
  return header.kind === "read" ? header.value : null
}

/** What a reader gives for a range: its rows in the order of the visits, and all samples of each plane. */
type Seen = { readonly rows: readonly number[]; readonly planes: readonly Float32Array[] }

/** Every sample of the rows asked for, plane by plane. */
export function seen(reader: PlaneReader, range: RowRange): Result<Seen> {
  const rows: number[] = []
  const kept = reader.planes.map((): Float32Array[] => [])
  const read = reader.readRows(range, (row, samples) => {
    rows.push(row)
    samples.forEach((plane, index) => {
      if (plane !== null) kept[index]?.push(plane.slice())
    })
  })
  return read.ok ? { ok: true, value: { rows, planes: kept.map(joined) } } : read
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0))
  let at = 0
  for (const row of rows) {
    all.set(row, at)
    at += row.length
  }
  return all
}

/**
 * A file in memory that holds its reader to the port: what is asked for lies at a sane place and is no more than
 * `mostBytes`, and what was returned before is spoilt by the next call.
 */
export function memoryBytes(file: Uint8Array, mostBytes: number = 64 * 2 ** 20): ByteSource {
  let returned = new Uint8Array(0)
  return {
    sizeBytes: file.length,
    readAt(offset, lengthBytes) {
      if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(lengthBytes) || lengthBytes < 0)
        throw new Error(`asked for ${lengthBytes} bytes at ${offset}`)
      if (lengthBytes > mostBytes) throw new Error(`asked for ${lengthBytes} bytes at once`)
      returned.fill(0xa5)
      returned = Uint8Array.from(file.subarray(offset, offset + lengthBytes))
      return returned
    },
  }
}
