import type { ChunkChannel } from "../chunks/layout.ts"
import { floatToHalf, HALF_TO_FLOAT } from "./half.ts"

const SIDE = 8
const SAMPLES = SIDE * SIDE
/** The high byte of a word that stands for as many zeros as its low byte says, or for all that are left where that is 0. */
const ZEROS = 0xff

/** A plane's place in the unpacked chunk: the first 16-bit word of each of its rows. */
export type LossyPlane = { readonly channel: ChunkChannel; readonly rowStarts: Int32Array }

/** Coefficients of all planes as halves, and how far they have been taken. */
export type Coefficients = {
  readonly ac: Uint16Array
  readonly acCount: number
  readonly dc: Uint16Array
  acAt: number
  dcAt: number
}

type Blocks = { readonly across: number; readonly down: number }

const blocksOf = ({ columns, rows }: ChunkChannel): Blocks => ({
  across: Math.ceil(Math.max(0, columns) / SIDE),
  down: Math.ceil(Math.max(0, rows) / SIDE),
})

/** Blocks of 8x8 that a channel is cut into. */
export function blockCount(channel: ChunkChannel): number {
  const { across, down } = blocksOf(channel)
  return across * down
}

/** Place in a block by the order of coefficients: diagonal by diagonal, turning at each end. */
const ZIGZAG = Uint8Array.from(zigzag())

function zigzag(): readonly number[] {
  const places = Array.from({ length: SAMPLES }, (_, place) => ({ x: place % SIDE, y: Math.floor(place / SIDE) }))
  const key = ({ x, y }: { x: number; y: number }): number => (x + y) * SIDE + ((x + y) % 2 === 0 ? x : y)
  return places.sort((a, b) => key(a) - key(b)).map(({ x, y }) => y * SIDE + x)
}

const scratch = [new Float32Array(SAMPLES), new Float32Array(SAMPLES), new Float32Array(SAMPLES)] as const

/**
 * Undoes the cosine transform of one plane, or of three of one size that hold R, G and B as luma and chroma; coefficients
 * of the three come block by block, their means plane by plane. False where coefficients are missing.
 */
export function unpackPlanes(planes: readonly LossyPlane[], coefficients: Coefficients, out: Uint16Array): boolean {
  const [first] = planes
  if (first === undefined) return true
  const { across, down } = blocksOf(first.channel)
  const perPlane = across * down
  for (let block = 0; block < perPlane; block++) {
    for (let index = 0; index < planes.length; index++) {
      const mean = coefficients.dc[coefficients.dcAt + index * perPlane + block] as number
      if (!unpackBlock(scratch[index] as Float32Array, mean, coefficients)) return false
    }
    if (planes.length === 3) toRgb(...scratch)
    const [column, row] = [(block % across) * SIDE, Math.floor(block / across) * SIDE]
    for (let index = 0; index < planes.length; index++)
      putBlock(scratch[index] as Float32Array, planes[index] as LossyPlane, { column, row }, out)
  }
  coefficients.dcAt += perPlane * planes.length
  return true
}

function unpackBlock(block: Float32Array, mean: number, coefficients: Coefficients): boolean {
  block.fill(0)
  block[0] = HALF_TO_FLOAT[mean] as number
  const filledRows = takeCoefficients(block, coefficients)
  if (filledRows === 0) block.fill(inverseMean(block[0] as number))
  else if (filledRows > 0) inverseDct(block, filledRows)
  return filledRows >= 0
}

/** Rows of the block up to the last that has a coefficient beside the mean; 0 where none has, -1 where they end early. */
function takeCoefficients(block: Float32Array, coefficients: Coefficients): number {
  const { ac, acCount } = coefficients
  let { acAt } = coefficients
  let rows = 0
  for (let place = 1; place < SAMPLES; ) {
    if (acAt >= acCount) return -1
    const word = ac[acAt++] as number
    if (word >>> 8 === ZEROS) place += (word & 0xff) === 0 ? SAMPLES : word & 0xff
    else {
      const at = ZIGZAG[place++] as number
      block[at] = HALF_TO_FLOAT[word] as number
      rows = Math.max(rows, (at >>> 3) + 1)
    }
  }
  coefficients.acAt = acAt
  return rows
}

const R_OF_RED = Math.fround(1.5747)
const G_OF_BLUE = Math.fround(-0.1873)
const G_OF_RED = Math.fround(-0.4682)
const B_OF_BLUE = Math.fround(1.8556)

/** Luma and the differences of blue and red back to R, G and B, by Rec.709's shares. */
function toRgb(first: Float32Array, second: Float32Array, third: Float32Array): void {
  const round = Math.fround
  for (let at = 0; at < SAMPLES; at++) {
    const [luma, blue, red] = [first[at] as number, second[at] as number, third[at] as number]
    first[at] = luma + round(red * R_OF_RED)
    second[at] = round(luma + round(blue * G_OF_BLUE)) + round(red * G_OF_RED)
    third[at] = luma + round(blue * B_OF_BLUE)
  }
}

type Corner = { readonly column: number; readonly row: number }

/** The part of a block that lies within its plane, as halves or as floats that were halves. */
function putBlock(block: Float32Array, { channel, rowStarts }: LossyPlane, corner: Corner, out: Uint16Array): void {
  const { columns, rows, sampleBytes, perceptuallyLinear } = channel
  const [width, height] = [Math.min(SIDE, columns - corner.column), Math.min(SIDE, rows - corner.row)]
  const linear = perceptuallyLinear ? null : dwaToLinear()
  for (let y = 0; y < height; y++) {
    const start = rowStarts[corner.row + y] as number
    for (let x = 0; x < width; x++) {
      const bits = floatToHalf(block[y * SIDE + x] as number)
      const half = linear === null ? bits : (linear[bits] as number)
      if (sampleBytes === 2) out[start + corner.column + x] = half
      else putFloat(HALF_TO_FLOAT[half] as number, out, start + (corner.column + x) * 2)
    }
  }
}

const float = new Float32Array(1)
const floatWords = new Uint16Array(float.buffer)

function putFloat(value: number, out: Uint16Array, at: number): void {
  float[0] = value
  out[at] = floatWords[0] as number
  out[at + 1] = floatWords[1] as number
}

/** Half the cosines of 4, 1, 2, 3, 5, 6 and 7 sixteenths of pi, to the seven digits that OpenEXR's vector code has. */
const A = Math.fround(3.535536e-1)
const B = Math.fround(4.903927e-1)
const C = Math.fround(4.619398e-1)
const D = Math.fround(4.157349e-1)
const E = Math.fround(2.777855e-1)
const F = Math.fround(1.913422e-1)
const G = Math.fround(9.754573e-2)

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

/** Exponent below 1, and e to its power, the base above it: both in single precision, as OpenEXR's table was linearised. */
const EXPONENT = Math.fround(2.2)
const BASE = Math.fround(9.02501329156)

let linearised: Uint16Array | null = null

/**
 * Light of what DWA quantises, half by half, by their bits: its power of 2.2 up to 1, above that 1 more is e to the 2.2 as
 * much. What is no finite number is 0.
 */
export function dwaToLinear(): Uint16Array {
  linearised ??= Uint16Array.from({ length: 0x10000 }, (_, bits) => toLinear(bits))
  return linearised
}

function toLinear(bits: number): number {
  const value = HALF_TO_FLOAT[bits] as number
  if (!Number.isFinite(value)) return 0
  const size = Math.abs(value)
  const light = size <= 1 ? size ** EXPONENT : BASE ** Math.fround(size - 1)
  return floatToHalf(Math.fround(value < 0 ? -light : light))
}
