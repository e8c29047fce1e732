import { ADOBE_RGB, type Chromaticities, P3_D65, REC709 } from "../matrix.ts"
import { colorants, iccProfile, type MadeCurve } from "./icc-profile.ts"

const PROPHOTO: Chromaticities = {
  red: [0.734699, 0.265301],
  green: [0.159597, 0.840403],
  blue: [0.036598, 0.000105],
  white: [0.345704, 0.35854],
}
const WIDE: Chromaticities = {
  red: [0.735, 0.265],
  green: [0.115, 0.826],
  blue: [0.157, 0.018],
  white: [0.3457, 0.3585],
}

/** Curve of IEC 61966-2-1, as profiles of version 4 write it. */
export const SRGB_CURVE: MadeCurve = { kind: 3, numbers: [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] }
/** A table, entry by entry of light. */
export const table = (entries: number, light: (code: number) => number): MadeCurve =>
  Array.from({ length: entries }, (_, at) => Math.round(65_535 * light(at / (entries - 1))))

const gamma = (value: number): MadeCurve => [Math.round(value * 256)]
const lightness = (code: number): number => (code > 0.08 ? ((code + 0.16) / 1.16) ** 3 : (code * 100) / (24_389 / 27))

const rgb = (description: string, primaries: Chromaticities, ...curves: readonly MadeCurve[]): Uint8Array =>
  iccProfile({ description, colorants: colorants(primaries), curves })

/** Profiles as cameras, Photoshop, scanners and monitors' calibrations write them into files. */
export const PROFILES = {
  srgb: rgb("sRGB IEC61966-2.1", REC709, SRGB_CURVE),
  srgbTable: rgb(
    "sRGB of a table",
    REC709,
    table(1024, (code) => (code > 0.04045 ? ((code + 0.055) / 1.055) ** 2.4 : code / 12.92)),
  ),
  adobe: rgb("Adobe RGB (1998)", ADOBE_RGB, [563]),
  displayP3: rgb("Display P3", P3_D65, SRGB_CURVE),
  proPhoto: rgb("ProPhoto RGB", PROPHOTO, gamma(1.8)),
  romm: rgb("ROMM RGB: ISO 22028-2", PROPHOTO, { kind: 3, numbers: [1.8, 1, 0, 1 / 16, 1 / 32] }),
  wide: rgb("Wide Gamut RGB", WIDE, gamma(2.2)),
  eci: rgb(
    "eciRGB v2",
    { ...WIDE, red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08] },
    table(4096, lightness),
  ),
  rec709: rgb("Rec. 709 Gamma 2.4", REC709, gamma(2.4)),
  gamma22: rgb("Rec. 709 Gamma 2.2", REC709, gamma(2.2)),
  gamma18: rgb("Apple RGB", { ...REC709, red: [0.625, 0.34], green: [0.28, 0.595], blue: [0.155, 0.07] }, gamma(1.8)),
  monitor: rgb(
    "A monitor, calibrated",
    P3_D65,
    gamma(2.1),
    { kind: 1, numbers: [2.3, 1.05, -0.05] },
    table(256, (code) => code ** 2.5),
  ),
  linear: rgb("Linear Rec.709", REC709, []),
  linearProPhoto: rgb("Linear ProPhoto", PROPHOTO, []),
  grey22: iccProfile({ description: "Gray Gamma 2.2", model: "GRAY", curves: [gamma(2.2)] }),
  dotGain: iccProfile({
    description: "Dot Gain 20%",
    model: "GRAY",
    curves: [table(256, (code) => 1 - Math.min(1, 1 - code + 0.8 * code * (1 - code)))],
  }),
} as const
