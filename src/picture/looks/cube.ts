/** OpenColorIO's own limits. */
const MOST_SIDE = 129
const MOST_POINTS = 2 ** 20

/**
 * What is wrong with a .cube file that OpenColorIO would not say, or would say only after it had taken the memory of the
 * table that the file announces; null when nothing is.
 */
export function cubeProblem(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString("latin1")
  for (const [keyword, most] of [
    ["LUT_3D_SIZE", MOST_SIDE],
    ["LUT_1D_SIZE", MOST_POINTS],
  ] as const) {
    for (const [, size = ""] of text.matchAll(new RegExp(`^[ \\t]*${keyword}[ \\t]+(\\S+)`, "gim")))
      if (Number(size) > most) return `announces ${keyword} ${size.slice(0, 20)}; OpenColorIO takes up to ${most}`
  }
  // OpenColorIO takes such numbers for black, without a word.
  return /^[ \t]*(\S+[ \t]+){0,2}[-+]?(nan|inf)/im.test(text) ? "holds numbers that are none (nan or inf)" : null
}

const MARK = [0xef, 0xbb, 0xbf]

/** Editors of Windows put a mark before the first line, which OpenColorIO takes for a part of its first word. */
export const withoutByteOrderMark = (bytes: Uint8Array): Uint8Array =>
  MARK.every((byte, at) => bytes[at] === byte) ? bytes.subarray(MARK.length) : bytes
