import type { LabStorage } from "../model.ts"
import { encoder, type OfNumber, SRGB } from "../pixels/curve.ts"
import { labToRec709 } from "../read/colour/lab.ts"
import type { PaintedPass, Painting } from "./painting.ts"

/**
 * CIE L*a*b* as sRGB codes. What no display of that space shows is clipped; alpha that is not multiplied into the colour
 * yet is, in code values, as of other pictures.
 */
export function labPainting({ lab }: PaintedPass): Painting {
  const matrix = lab === undefined ? null : labToRec709(lab.white)
  if (lab === undefined || matrix === null) throw new Error("Nobody said how the samples of Lab are stored.")
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = matrix
  const { lightness, chroma, share } = decodersOf(lab)
  return {
    channels: ["R", "G", "B"],
    measure: null,
    paint([lightnesses, as, bs, alphas], [reds, greens, blues]) {
      if (!(lightnesses && as && bs && reds && greens && blues)) throw new Error("Lab has three samples in a pixel.")
      for (let at = 0; at < lightnesses.length; at++) {
        const fy = (lightness(lightnesses[at] as number) + 16) / 116
        const x = relative(fy + chroma(as[at] as number) / 500)
        const y = relative(fy)
        const z = relative(fy - chroma(bs[at] as number) / 200)
        const alpha = alphas === undefined ? 1 : share(alphas[at] as number)
        reds[at] = alpha * shown(m0 * x + m1 * y + m2 * z)
        greens[at] = alpha * shown(m3 * x + m4 * y + m5 * z)
        blues[at] = alpha * shown(m6 * x + m7 * y + m8 * z)
      }
    },
    says: () => [],
  }
}

const KNEE = 6 / 29

/** CIE 15: the inverse of the cube root and of the straight line near black. */
const relative = (f: number): number => (f > KNEE ? f ** 3 : 3 * KNEE ** 2 * (f - 4 / 29))

const encode = encoder(SRGB)

const shown = (light: number): number => encode(Math.min(1, Math.max(0, light)))

type Decoders = { readonly lightness: OfNumber; readonly chroma: OfNumber; readonly share: OfNumber }

/**
 * From samples, which the decoder scaled to 1, back to their bits, and from those to numbers. TIFF 6.0, section 23: CIELab
 * has L* to 100 over all codes, a* and b* as two's complement; ICCLab, by Adobe's technical notes, a* and b* from -128, and
 * with 16 bits 100 at FF00. With 16 bits a step of a* and b* is 1/256.
 */
function decodersOf({ encoding, bits, isSigned }: LabStorage): Decoders {
  const codes = 2 ** bits
  const scale = isSigned ? codes / 2 - 1 : codes - 1
  const step = codes / 256
  const code = (sample: number): number => {
    const whole = Math.round(sample * scale)
    return whole < 0 ? whole + codes : whole
  }
  const white = encoding === "icc" ? 255 * step : codes - 1
  const zero = 128 * step
  const chroma: OfNumber =
    encoding === "icc"
      ? (sample) => (code(sample) - zero) / step
      : (sample) => {
          const whole = code(sample)
          return (whole < zero ? whole : whole - codes) / step
        }
  return {
    lightness: (sample) => (100 * code(sample)) / white,
    chroma,
    share: (sample) => code(sample) / (codes - 1),
  }
}
