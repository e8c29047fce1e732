export type FlatPixels = {
  readonly width: number
  readonly height: number
  /** Code of each sample of a pixel; numbers as they are where `float`. */
  readonly codes: readonly number[]
  readonly bits: number
  readonly float?: boolean
  /** One plane after another instead of pixel by pixel. */
  readonly planar?: boolean
}

/** Pixels of one colour as a little-endian TIFF stores them: rows end on a byte, odd depths from the highest bit. */
export function flatPixels({ codes, planar = false, ...rest }: FlatPixels): Uint8Array {
  const planes = planar ? codes.map((code) => [code]) : [codes]
  return Uint8Array.from(planes.flatMap((plane) => planeBytes({ ...rest, codes: plane })))
}

function planeBytes({ width, height, codes, bits, float = false }: FlatPixels): readonly number[] {
  const samples = Array.from({ length: width }, () => codes).flat()
  const whole = bits % 8 === 0
  const row = whole ? samples.flatMap((code) => sampleBytes(code, bits, float)) : packedBits(samples, bits)
  return Array.from({ length: height }, () => row).flat()
}

function sampleBytes(code: number, bits: number, float: boolean): readonly number[] {
  const view = new DataView(new ArrayBuffer(8))
  if (float && bits === 64) view.setFloat64(0, code, true)
  else if (float && bits === 32) view.setFloat32(0, code, true)
  else if (float) view.setUint16(0, halfCode(code), true)
  else view.setBigUint64(0, BigInt(code), true)
  return Array.from({ length: bits / 8 }, (_, index) => view.getUint8(index))
}

/** Half of a power of two's multiple between 2^-14 and 1, which is all the tests use. */
function halfCode(value: number): number {
  const exponent = Math.floor(Math.log2(value))
  return ((exponent + 15) << 10) | Math.round((value / 2 ** exponent - 1) * 1024)
}

function packedBits(samples: readonly number[], bits: number): readonly number[] {
  const digits = samples.map((code) => code.toString(2).padStart(bits, "0")).join("")
  const bytes = Math.ceil(digits.length / 8)
  return Array.from({ length: bytes }, (_, index) =>
    Number.parseInt(digits.slice(index * 8, index * 8 + 8).padEnd(8, "0"), 2),
  )
}
