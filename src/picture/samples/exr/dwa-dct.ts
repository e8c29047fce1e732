/** Half the cosines of 4, 1, 2, 3, 5, 6 and 7 sixteenths of pi, to the seven digits that OpenEXR's vector code has. */
const A = Math.fround(3.535536e-1)
const B = Math.fround(4.903927e-1)
const C = Math.fround(4.619398e-1)
const D = Math.fround(4.157349e-1)
const E = Math.fround(2.777855e-1)
const F = Math.fround(1.913422e-1)
const G = Math.fround(9.754573e-2)

const SIDE = 8
const round = Math.fround

/**
 * Inverse cosine transform of 8x8 coefficients, in place: rows, then columns, in single precision and summed in the order
 * of OpenEXR's AVX code, so that samples come out as the same bits. Rows from `filledRows` on are zero.
 */
export function inverseDct(block: Float32Array, filledRows: number): void {
  for (let row = 0; row < filledRows; row++) inverseRow(block, row * SIDE)
  for (let column = 0; column < SIDE; column++) inverseColumn(block, column)
}

/** Every sample of a block that has but its mean. */
export const inverseMean = (mean: number): number => round(round(mean * A) * A)

/** The sum of four products, each and their sums in single precision. */
const sum = (a: number, b: number, c: number, d: number): number =>
  round(round(round(a) + round(b)) + round(round(c) + round(d)))

function inverseRow(block: Float32Array, at: number): void {
  const [x0, x1] = [block[at] as number, block[at + 1] as number]
  const [x2, x3] = [block[at + 2] as number, block[at + 3] as number]
  const [x4, x5] = [block[at + 4] as number, block[at + 5] as number]
  const [x6, x7] = [block[at + 6] as number, block[at + 7] as number]
  const even0 = sum(A * x0, C * x2, A * x4, F * x6)
  const even1 = sum(A * x0, F * x2, -A * x4, -C * x6)
  const even2 = sum(A * x0, -F * x2, -A * x4, C * x6)
  const even3 = sum(A * x0, -C * x2, A * x4, -F * x6)
  const odd0 = sum(B * x1, D * x3, E * x5, G * x7)
  const odd1 = sum(D * x1, -G * x3, -B * x5, -E * x7)
  const odd2 = sum(E * x1, -B * x3, G * x5, D * x7)
  const odd3 = sum(G * x1, -E * x3, D * x5, -B * x7)
  block[at] = even0 + odd0
  block[at + 1] = even1 + odd1
  block[at + 2] = even2 + odd2
  block[at + 3] = even3 + odd3
  block[at + 4] = even3 - odd3
  block[at + 5] = even2 - odd2
  block[at + 6] = even1 - odd1
  block[at + 7] = even0 - odd0
}

function inverseColumn(block: Float32Array, at: number): void {
  const [x0, x1] = [block[at] as number, block[at + 8] as number]
  const [x2, x3] = [block[at + 16] as number, block[at + 24] as number]
  const [x4, x5] = [block[at + 32] as number, block[at + 40] as number]
  const [x6, x7] = [block[at + 48] as number, block[at + 56] as number]
  const odd0 = sum(B * x1, D * x3, E * x5, G * x7)
  const odd1 = round(round(round(D * x1) - round(round(G * x3) + round(B * x5))) - round(E * x7))
  const odd2 = round(round(round(round(E * x1) - round(B * x3)) + round(G * x5)) + round(D * x7))
  const odd3 = round(round(round(G * x1) + round(D * x5)) - round(round(E * x3) + round(B * x7)))
  const [plus, minus] = [round(round(A * x0) + round(A * x4)), round(round(A * x0) - round(A * x4))]
  const [outer, inner] = [round(round(C * x2) + round(F * x6)), round(round(F * x2) - round(C * x6))]
  const [even0, even3] = [round(plus + outer), round(plus - outer)]
  const [even1, even2] = [round(minus + inner), round(minus - inner)]
  block[at] = even0 + odd0
  block[at + 8] = even1 + odd1
  block[at + 16] = even2 + odd2
  block[at + 24] = even3 + odd3
  block[at + 32] = even3 - odd3
  block[at + 40] = even2 - odd2
  block[at + 48] = even1 - odd1
  block[at + 56] = even0 - odd0
}
