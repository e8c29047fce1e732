import type { ByteSource } from "../../index.ts"

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
