/** Side of the pattern, pixels; a power of two. */
export const DITHER_EDGE = 8

/** What is added before rounding down: the 8x8 pattern of Bayer (1973), each of 64 thresholds once, mean one half. */
export const THRESHOLDS: Float32Array = Float32Array.from({ length: DITHER_EDGE ** 2 }, (_, at) => {
  const [x, y] = [at % DITHER_EDGE, Math.floor(at / DITHER_EDGE)]
  let rank = 0
  for (let bit = 0; bit < 3; bit++) {
    const [right, down] = [(x >> bit) & 1, (y >> bit) & 1]
    rank |= (((right ^ down) << 1) | down) << (2 * (2 - bit))
  }
  return (rank + 0.5) / DITHER_EDGE ** 2
})
