import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { PROFILES } from "../read/colour/testing/known-profiles.ts"
import {
  bigEndian16,
  bigEndianFloat,
  cineonFile,
  plane,
  planeOf,
  psdFile,
  radianceFile,
  tgaFile,
  tgaOf16Bits,
  tgaPixels,
  tgaRuns,
  webpWithProfile,
} from "../testing/more-still-files.ts"
import { DISPLAY_CODES, PATTERN_CODES, PATTERN_LIGHT, patternArgs, shownPattern, worst } from "../testing/pattern.ts"
import { patternSamples, vips } from "../testing/still-files.ts"
import { type EngineFixture, eachEngine, type Triple } from "./testing/engine-fixture.ts"

let fixture: EngineFixture
const describeEach = eachEngine((opened) => {
  fixture = opened
})

const over = (codes: readonly Triple[], alpha: number): readonly Triple[] =>
  codes.map((code) => code.map((one) => Math.round((one * alpha) / 255)) as unknown as Triple)
const GREY = DISPLAY_CODES.map(([red]): Triple => [red, red, red])
const encoded = (light: number): number =>
  Math.round(255 * (light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : 12.92 * light))
const LINEAR = DISPLAY_CODES.map((codes) => codes.map((code) => encoded(code / 255)) as unknown as Triple)
const ADOBE: readonly Triple[] = [
  [255, 19, 19],
  [0, 180, 0],
  [19, 19, 235],
  [129, 129, 129],
]
const quadrant = (x: number, y: number): number => (y < 32 ? 0 : 2) + (x < 32 ? 0 : 1)

/** Kodak's curve: black 95, white 685, 0.002 of density a code, 0.6 of gamma; neutral, so that no primaries matter. */
const LOG = [
  [445, 445, 445],
  [300, 300, 300],
  [520, 520, 520],
  [600, 600, 600],
] as const
const SHOWN_LOG = LOG.map(([code]): Triple => {
  const [black, density] = [10 ** ((95 - 685) * (0.002 / 0.6)), 10 ** ((code - 685) * (0.002 / 0.6))]
  const light = encoded((density - black) / (1 - black))
  return [light, light, light]
})

type Kind = readonly [title: string, file: string, bytes: () => Buffer | Promise<Buffer>, codes: readonly Triple[]]
const rgb = (): ReturnType<typeof vips> => vips(patternSamples())
const rgba = (): ReturnType<typeof vips> => vips(patternSamples((codes) => [...codes, 128]))

const KINDS: readonly Kind[] = [
  ["TGA from the top", "a.tga", () => tgaFile(tgaPixels()), DISPLAY_CODES],
  ["TGA from the bottom", "b.tga", () => tgaFile(tgaPixels({ flip: true }), { descriptor: 0 }), DISPLAY_CODES],
  ["TGA from the right", "c.tga", () => tgaFile(tgaPixels({ flop: true }), { descriptor: 0x30 }), DISPLAY_CODES],
  ["TGA with runs", "d.tga", () => tgaFile(tgaRuns(), { type: 10 }), DISPLAY_CODES],
  [
    "TGA with alpha",
    "e.tga",
    () => tgaFile(tgaPixels({ alpha: 128 }), { bits: 32, descriptor: 0x28 }),
    over(DISPLAY_CODES, 128),
  ],
  [
    "TGA of 16 bits",
    "f.tga",
    () => tgaFile(tgaOf16Bits(), { bits: 16 }),
    [
      [231, 24, 24],
      [24, 181, 24],
      [24, 24, 231],
      [132, 132, 132],
    ],
  ],
  [
    "TGA with a palette",
    "g.tga",
    () => tgaFile(planeOf(quadrant), { type: 1, bits: 8, palette: DISPLAY_CODES }),
    DISPLAY_CODES,
  ],
  ["grey TGA", "h.tga", () => tgaFile(plane(0), { type: 3, bits: 8 }), GREY],
  ["lossless WebP", "a.webp", () => rgb().webp({ lossless: true }).toBuffer(), DISPLAY_CODES],
  ["lossy WebP", "b.webp", () => rgb().webp({ quality: 98 }).toBuffer(), DISPLAY_CODES],
  ["WebP with alpha", "c.webp", () => rgba().webp({ lossless: true }).toBuffer(), over(DISPLAY_CODES, 128)],
  [
    "WebP with a profile",
    "d.webp",
    async () => webpWithProfile(await rgb().webp({ lossless: true }).toBuffer(), PROFILES.adobe),
    ADOBE,
  ],
  ["Radiance light", "a.hdr", () => radianceFile(PATTERN_LIGHT), PATTERN_CODES],
  [
    "Radiance from the bottom",
    "b.hdr",
    () => radianceFile(PATTERN_LIGHT, { resolution: "+Y 64 +X 64", stored: (x, y) => [x, 63 - y] }),
    PATTERN_CODES,
  ],
  [
    "Radiance by columns",
    "c.hdr",
    () => radianceFile(PATTERN_LIGHT, { resolution: "+X 64 -Y 64", stored: (x, y) => [y, x] }),
    PATTERN_CODES,
  ],
  ["Cineon", "a.cin", () => cineonFile(LOG), SHOWN_LOG],
  [
    "Cineon, little-endian, from the bottom",
    "b.cin",
    () => cineonFile(LOG, { littleEndian: true, orientation: 2, flip: true }),
    SHOWN_LOG,
  ],
  ["PSD", "a.psd", () => psdFile({ planes: [0, 1, 2].map((one) => plane(one)) }), DISPLAY_CODES],
  [
    "PSD of 16 bits",
    "b.psd",
    () => psdFile({ bits: 16, planes: [0, 1, 2].map((one) => plane(one, bigEndian16)) }),
    DISPLAY_CODES,
  ],
  [
    "PSD of light",
    "c.psd",
    () => psdFile({ bits: 32, planes: [0, 1, 2].map((one) => plane(one, bigEndianFloat)) }),
    LINEAR,
  ],
  ["grey PSD", "d.psd", () => psdFile({ mode: 1, planes: [plane(0)] }), GREY],
  [
    "PSD with a palette",
    "e.psd",
    () => psdFile({ mode: 2, planes: [planeOf(quadrant)], palette: DISPLAY_CODES }),
    DISPLAY_CODES,
  ],
  [
    "PSD with a profile",
    "f.psd",
    () => psdFile({ planes: [0, 1, 2].map((one) => plane(one)), profile: PROFILES.adobe }),
    ADOBE,
  ],
]

describeEach("pictures of other formats are shown as they are", () => {
  it.each(KINDS)("%s", async (_, file, bytes, expected) => {
    await writeFile(join(fixture.folder, file), await bytes())
    const { codes, made, reading } = await shownPattern(fixture, file)
    expect([...reading.warnings, ...made.warnings]).toEqual([])
    expect(worst(codes, expected), `${codes.join(" ")} for ${expected.join(" ")}`).toBeLessThanOrEqual(4)
  })

  it.each([
    ["8 bits", "a.jp2", "uint8"],
    ["16 bits", "b.jp2", "uint16"],
    ["a bare codestream", "c.j2k", "uint8"],
  ] as const)("JPEG 2000, %s", async (_, file, samples) => {
    await fixture.oiiotool(...patternArgs("display"), "-d", samples, "-o", file)
    expect(worst((await shownPattern(fixture, file)).codes, DISPLAY_CODES)).toBeLessThanOrEqual(4)
  })

  it("JPEG 2000 with alpha, over black", async () => {
    await writeFile(join(fixture.folder, "alpha.png"), await rgba().png().toBuffer())
    await fixture.ffmpeg("-y", "-i", "alpha.png", "-c:v", "jpeg2000", "-pred", "1", "-pix_fmt", "rgba", "alpha.jp2")
    const { codes } = await shownPattern(fixture, "alpha.jp2")
    expect(worst(codes, over(DISPLAY_CODES, 128)), codes.join(" ")).toBeLessThanOrEqual(4)
  })

  it("the primaries of a Radiance picture are followed", async () => {
    const lines = "PRIMARIES=0.708 0.292 0.170 0.797 0.131 0.046 0.3127 0.3290\n"
    await writeFile(join(fixture.folder, "wide.hdr"), radianceFile(PATTERN_LIGHT, { lines }))
    const { codes, reading } = await shownPattern(fixture, "wide.hdr")
    expect(reading.colorspace.name).toBe("lin_rec2020")
    // ITU-R BT.2087, from BT.2020 to BT.709.
    const expected = PATTERN_LIGHT.map(([r, g, b]): Triple => {
      const light = [
        1.6605 * r - 0.5876 * g - 0.0728 * b,
        -0.1246 * r + 1.1329 * g - 0.0083 * b,
        -0.0182 * r - 0.1006 * g + 1.1187 * b,
      ]
      return light.map((one) => encoded(Math.min(1, Math.max(0, one)))) as unknown as Triple
    })
    expect(worst(codes, expected), `${codes.join(" ")} for ${expected.join(" ")}`).toBeLessThanOrEqual(4)
  })
})
