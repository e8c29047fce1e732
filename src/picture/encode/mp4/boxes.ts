// Boxes of ISO 14496-12: a length, four letters, and what is in them.

/** A box around what is given, in order. */
export function box(type: string, ...inside: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(8)
  const length = inside.reduce((sum, { length }) => sum + length, 8)
  head.writeUInt32BE(length)
  head.write(type, 4, "latin1")
  return Buffer.concat([head, ...inside], length)
}

/** A box that states a version and flags first. */
export const fullBox = (type: string, flags: number, ...inside: readonly Uint8Array[]): Buffer =>
  box(type, u32(flags), ...inside)

export const u8 = (...values: readonly number[]): Buffer => Buffer.from(values)

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2)
  return bytes
}

/** Also of typed arrays, since tables of a long movie have a hundred thousand entries. */
export function u32(...values: readonly number[]): Buffer {
  return table(Uint32Array.from(values))
}

export function table(values: Uint32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (let index = 0; index < values.length; index++) bytes.writeUInt32BE(values[index] ?? 0, index * 4)
  return bytes
}

export const zeros = (length: number): Buffer => Buffer.alloc(length)

export const letters = (text: string): Buffer => Buffer.from(text, "latin1")
