type NamesByNumber = ReadonlyMap<number, string>

/** From lists of `254 NewSubfileType, 255 SubfileType`. */
const namesByNumber = (...lines: readonly string[]): NamesByNumber =>
  new Map(
    lines
      .flatMap((line) => line.split(", "))
      .map((one) => [Number.parseInt(one, 10), one.slice(one.indexOf(" ") + 1)] as const),
  )

/** Tags by number: TIFF 6.0, its supplements, and what pictures from cameras and compositing carry. */
const TAGS: NamesByNumber = namesByNumber(
  "254 NewSubfileType, 255 SubfileType, 256 ImageWidth, 257 ImageLength, 258 BitsPerSample, 259 Compression",
  "262 PhotometricInterpretation, 263 Threshholding, 266 FillOrder, 269 DocumentName, 270 ImageDescription",
  "271 Make, 272 Model, 273 StripOffsets, 274 Orientation, 277 SamplesPerPixel, 278 RowsPerStrip",
  "279 StripByteCounts, 280 MinSampleValue, 281 MaxSampleValue, 282 XResolution, 283 YResolution",
  "284 PlanarConfiguration, 285 PageName, 286 XPosition, 287 YPosition, 290 GrayResponseUnit",
  "291 GrayResponseCurve, 296 ResolutionUnit, 297 PageNumber, 301 TransferFunction, 305 Software, 306 DateTime",
  "315 Artist, 316 HostComputer, 317 Predictor, 318 WhitePoint, 319 PrimaryChromaticities, 320 ColorMap",
  "322 TileWidth, 323 TileLength, 324 TileOffsets, 325 TileByteCounts, 330 SubIFDs, 332 InkSet, 333 InkNames",
  "334 NumberOfInks, 338 ExtraSamples, 339 SampleFormat, 340 SMinSampleValue, 341 SMaxSampleValue",
  "347 JPEGTables, 529 YCbCrCoefficients, 530 YCbCrSubSampling, 531 YCbCrPositioning, 532 ReferenceBlackWhite",
  "700 XMP, 32997 ImageDepth, 33300 ImageFullWidth, 33301 ImageFullLength, 33302 TextureFormat, 33303 WrapModes",
  "33305 MatrixWorldToScreen, 33306 MatrixWorldToCamera, 33432 Copyright, 33550 ModelPixelScale, 33723 IPTC",
  "34377 Photoshop, 34665 ExifIFD, 34675 ICCProfile, 34853 GPSIFD, 37439 StoNits, 37724 ImageSourceData",
)

export const tiffTagName = (tag: number): string => TAGS.get(tag) ?? `tag${tag}`

/** TIFF compression schemes by code; names as oiiotool prints them where it knows them. */
const COMPRESSIONS: NamesByNumber = namesByNumber(
  "1 none, 2 ccittrle, 3 ccittfax3, 4 ccittfax4, 5 lzw, 6 ojpeg, 7 jpeg, 8 zip, 32773 packbits",
  "32809 thunderscan, 32908 pixarfilm, 32909 pixarlog, 32946 zip, 34676 sgilog, 34677 sgilog24, 34712 jp2000",
  "34887 lerc, 34925 lzma, 50000 zstd, 50001 webp, 50002 jxl",
)

export const tiffCompressionName = (code: number): string => COMPRESSIONS.get(code) ?? `unknown (${code})`

/** Photometric interpretations; the channels that they store. */
const PHOTOMETRICS: Readonly<Record<number, { readonly name: string; readonly channels: readonly string[] }>> = {
  0: { name: "grey, white is zero", channels: ["Y"] },
  1: { name: "grey", channels: ["Y"] },
  2: { name: "RGB", channels: ["R", "G", "B"] },
  3: { name: "palette", channels: ["index"] },
  4: { name: "transparency mask", channels: ["mask"] },
  5: { name: "separated", channels: ["C", "M", "Y", "K"] },
  6: { name: "YCbCr", channels: ["Y", "Cb", "Cr"] },
  8: { name: "CIE Lab", channels: ["L", "a", "b"] },
  9: { name: "ICC Lab", channels: ["L", "a", "b"] },
  10: { name: "ITU Lab", channels: ["L", "a", "b"] },
  32803: { name: "colour filter array", channels: ["raw"] },
  32844: { name: "LogL", channels: ["L"] },
  32845: { name: "LogLuv", channels: ["L", "u", "v"] },
}

export const photometricName = (code: number | null): string =>
  code === null ? "no photometric interpretation" : (PHOTOMETRICS[code]?.name ?? `photometric interpretation ${code}`)

/** Names of the samples of one pixel, as stored; what lies beyond the colour is A or extra. */
export function storedChannels(photometric: number, samples: number, extras: readonly number[]): readonly string[] {
  const colour = (PHOTOMETRICS[photometric]?.channels ?? []).slice(0, samples)
  const rest = Array.from({ length: samples - colour.length }, (_, index) => {
    const extra = extras[extras.length - (samples - colour.length) + index]
    return extra === 1 || extra === 2 ? "A" : `extra${index}`
  })
  return [...colour, ...rest]
}
