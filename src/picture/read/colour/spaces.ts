/** How the samples of a space relate to light. Display-referred ones pass through to the outputs unchanged. */
export type Encoding = "scene-linear" | "log" | "display"

/** A colour space under all its names. */
export type Space = {
  /** In the OCIO config, src/picture/proxy.ocio. */
  readonly configSpace: string
  /** What the table says (source_colorspace). */
  readonly name: string
  readonly encoding: Encoding
  /** Ids of the ASWF Color Interop Forum and of OCIO's configs, as the EXR attribute colorInteropID holds them. */
  readonly interopIds: readonly string[]
  /** Other spellings that settings, metadata and the public ACES configs use; case and punctuation do not matter. */
  readonly aliases: readonly string[]
}

type SpaceNames = {
  readonly interopIds?: readonly string[]
  readonly aliases?: readonly string[]
  readonly name?: string
}

const space = (
  configSpace: string,
  encoding: Encoding,
  { interopIds = [], aliases = [], name }: SpaceNames,
): Space => ({
  configSpace,
  name: name ?? configSpace,
  encoding,
  interopIds,
  aliases,
})

/** A scene-linear space: its identifier of the Color Interop Forum, and the same without its ending, as people write it. */
const linear = (gamut: string, ...aliases: readonly string[]): Space =>
  space(`lin_${gamut}`, "scene-linear", { interopIds: [`lin_${gamut}_scene`, `lin_${gamut}`], aliases })

/** A scene-linear space of a camera, by the identifier that OCIO's studio config gives it. */
const cameraLinear = (gamut: string, config: string, ...aliases: readonly string[]): Space =>
  space(`lin_${gamut}`, "scene-linear", { interopIds: [`ocio:lin_${config}_scene`, `lin_${config}_scene`], aliases })

/** A logarithmic space of a camera or of film, by the identifier that OCIO's studio config gives it. */
const log = (configSpace: string, id: string | null, ...aliases: readonly string[]): Space =>
  space(configSpace, "log", { interopIds: id === null ? [] : [`ocio:${id}`, id], aliases })

/** Coded for a display, or as textures are: never touched by a look. */
const coded = (configSpace: string, ...aliases: readonly string[]): Space =>
  space(configSpace, "display", {
    interopIds: [`${configSpace}_scene`, `${configSpace}_display`, configSpace],
    aliases,
  })

/** Display-referred light: the numbers of a linear space, but of a finished picture. */
const displayLinear = (gamut: string): Space =>
  space(`lin_${gamut}`, "display", { name: `lin_${gamut}_display`, interopIds: [`lin_${gamut}_display`] })

/**
 * Every space that the bundled config knows by a stable name: all that the Color Interop Forum's recommendation 1.0.0
 * identifies (17 for textures and scenes, 15 for displays; `unknown` is none), and those of OCIO's studio config.
 */
export const SPACES: readonly Space[] = [
  linear(
    "rec709",
    "Linear Rec.709 (sRGB)",
    "Utility - Linear - sRGB",
    "Utility - Linear - Rec.709",
    "lin_srgb",
    "linear",
  ),
  space("ACES2065-1", "scene-linear", {
    interopIds: ["lin_ap0_scene", "lin_ap0"],
    aliases: ["ACES - ACES2065-1", "lin_ap0", "AP0", "aces"],
  }),
  space("ACEScg", "scene-linear", {
    interopIds: ["lin_ap1_scene", "lin_ap1"],
    aliases: ["ACES - ACEScg", "lin_ap1", "AP1"],
  }),
  linear("p3d65", "Linear P3-D65", "lin_displayp3", "Utility - Linear - P3-D65", "Linear Display P3"),
  linear("rec2020", "Linear Rec.2020", "Utility - Linear - Rec.2020"),
  linear("adobergb", "Linear AdobeRGB", "Utility - Linear - Adobe RGB"),
  linear("ciexyzd65", "CIE XYZ-D65 - Scene-referred", "cie_xyz_d65_scene"),
  cameraLinear("awg3", "awg3", "Linear ARRI Wide Gamut 3", "lin_alexawide"),
  cameraLinear("awg4", "awg4", "Linear ARRI Wide Gamut 4"),
  cameraLinear("bmdwg5", "bmdwg5", "Linear BMD WideGamut Gen5"),
  cameraLinear("cgamut", "cgamutd55", "Linear CinemaGamut D55", "lin_canoncgamutday"),
  cameraLinear("dgamut", "dgamut", "Linear D-Gamut"),
  cameraLinear("dwg", "dwg", "Linear DaVinci WideGamut"),
  cameraLinear("rwg", "rwg", "Linear REDWideGamutRGB"),
  cameraLinear("sgamut3", "sgamut3", "Linear S-Gamut3"),
  cameraLinear("sgamut3cine", "sgamut3cine", "Linear S-Gamut3.Cine"),
  cameraLinear("sgamut3venice", "sgamut3venice", "Linear Venice S-Gamut3"),
  cameraLinear("sgamut3cinevenice", "sgamut3cinevenice", "Linear Venice S-Gamut3.Cine"),
  cameraLinear("vgamut", "vgamut", "Linear V-Gamut"),
  log("KodakLog", null, "cineon", "Cineon log", "Kodak log"),
  log("ADX10", "adx10_apd_scene", "Input - ADX - ADX10"),
  log("ADX16", "adx16_apd_scene", "Input - ADX - ADX16"),
  log(
    "LogC3",
    "arrilogc3_awg3_scene",
    "ARRI LogC3 (EI800)",
    "LogC3 (EI800)",
    "LogC",
    "logc3ei800_awg3",
    "logc3ei800_alexawide",
  ),
  log("LogC4", "arrilogc4_awg4_scene", "ARRI LogC4"),
  log(
    "CanonLog2",
    "canonlog2_cgamutd55_scene",
    "CanonLog2 CinemaGamut D55",
    "Canon Log 2",
    "C-Log2",
    "canonlog2_cgamutday",
  ),
  log(
    "CanonLog3",
    "canonlog3_cgamutd55_scene",
    "CanonLog3 CinemaGamut D55",
    "Canon Log 3",
    "C-Log3",
    "canonlog3_cgamutday",
  ),
  log("DaVinciIntermediate", "davinci_dwg_scene", "DaVinci Intermediate WideGamut", "DaVinci Intermediate"),
  log("BMDFilmGen5", "bmdfilm5_wg5_scene", "BMDFilm WideGamut Gen5", "Blackmagic Film Gen 5"),
  log("AppleLog", "applelog_rec2020_scene", "Apple Log"),
  log("DLog", "djilog_dgamut_scene", "D-Log D-Gamut", "D-Log"),
  log("SLog3_SGamut3", "slog3_sgamut3_scene", "S-Log3 S-Gamut3", "slog3"),
  log("SLog3_SGamut3Cine", "slog3_sgamut3cine_scene", "S-Log3 S-Gamut3.Cine", "S-Log3 Cine"),
  log("SLog3_SGamut3Venice", "slog3_sgamut3venice_scene", "S-Log3 Venice S-Gamut3"),
  log("SLog3_SGamut3CineVenice", "slog3_sgamut3cinevenice_scene", "S-Log3 Venice S-Gamut3.Cine"),
  log("VLog", "vlog_vgamut_scene", "V-Log V-Gamut", "V-Log"),
  log("Log3G10", "redlog3g10_rwg_scene", "Log3G10 REDWideGamutRGB", "REDLog3G10"),
  log("ACEScct", "acescct_ap1_scene", "ACES - ACEScct"),
  log("ACEScc", "acescc_ap1_scene", "ACES - ACEScc"),
  space("srgb_tx", "display", {
    name: "srgb",
    interopIds: ["srgb_rec709_scene", "srgb_rec709_display", "srgb_rec709"],
    aliases: ["sRGB", "sRGB - Texture", "Utility - sRGB - Texture", "sRGB Encoded Rec.709 (sRGB)", "sRGB - Display"],
  }),
  space("rec709_video", "display", {
    interopIds: ["g24_rec709_scene", "g24_rec709_display", "g24_rec709", "ocio:g24_rec709_scene"],
    aliases: [
      ...["Rec.709", "BT.709", "Rec709", "Gamma 2.4 Rec.709 - Texture", "Gamma 2.4 Encoded Rec.709"],
      "Rec.1886 Rec.709 - Display",
    ],
  }),
  space("itu709_rec709", "display", { interopIds: ["ocio:itu709_rec709_scene"], aliases: ["Camera Rec.709"] }),
  coded("g22_rec709", "Gamma 2.2 Encoded Rec.709", "Gamma 2.2 Rec.709 - Texture", "Gamma 2.2 Rec.709 - Display"),
  coded("g18_rec709", "Gamma 1.8 Encoded Rec.709", "Gamma 1.8 Rec.709 - Texture"),
  space("srgb_p3d65", "display", {
    interopIds: ["srgb_p3d65_scene", "srgb_p3d65_display", "srgbe_p3d65_display", "srgb_p3d65"],
    aliases: ["sRGB Encoded P3-D65", "Display P3", "Display P3 - Display", "srgb_displayp3"],
  }),
  coded("g22_adobergb", "Gamma 2.2 Encoded AdobeRGB", "Adobe RGB (1998)", "Adobe RGB", "adobergb"),
  coded("srgb_ap1", "sRGB Encoded AP1"),
  coded("g22_ap1", "Gamma 2.2 Encoded AP1", "Gamma 2.2 AP1 - Texture"),
  coded("g26_p3d65", "P3-D65 - Display"),
  coded("g26_xyzd65", "DCDM"),
  coded("pq_rec2020", "Rec.2100-PQ - Display", "Rec.2100-PQ"),
  coded("pq_p3d65", "ST2084-P3-D65 - Display"),
  coded("pq_xyzd65"),
  coded("hlg_rec2020", "Rec.2100-HLG - Display", "Rec.2100-HLG"),
  displayLinear("rec709"),
  displayLinear("p3d65"),
  displayLinear("rec2020"),
  space("lin_ciexyzd65", "display", {
    name: "lin_ciexyzd65_display",
    interopIds: ["lin_ciexyzd65_display", "ocio:lin_ciexyzd65_display"],
  }),
  space("data", "display", { interopIds: ["data"], aliases: ["raw", "Utility - Raw", "non-color"] }),
]

/** Encodings that the outputs themselves have, or that are no light: their code values pass through. */
const PASSED_THROUGH: ReadonlySet<string> = new Set(["srgb_tx", "rec709_video", "itu709_rec709", "data"])

/**
 * Space whose code values both outputs of a display-referred source carry: its own where that is what outputs are coded
 * in, or where only the facility's config knows it; sRGB for all others of ours, whose numbers mean other colours.
 */
export const shownSpaceOf = (configSpace: string): string =>
  PASSED_THROUGH.has(configSpace) || !CODED_SPACES.has(configSpace) ? configSpace : "srgb_tx"

const CODED_SPACES: ReadonlySet<string> = new Set(
  SPACES.flatMap(({ encoding, configSpace }) => (encoding === "display" ? [configSpace] : [])),
)

const spelling = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "")

/** The first that has a name keeps it: the light of a scene goes before that of a display. */
const BY_SPELLING = new Map(
  SPACES.toReversed().flatMap((one) =>
    [one.configSpace, one.name, ...one.interopIds, ...one.aliases].map((name) => [spelling(name), one] as const),
  ),
)

/** The space of any of its names; undefined for a name that is none of ours. */
export const spaceNamed = (name: string): Space | undefined => BY_SPELLING.get(spelling(name))

/**
 * The space of an interop id as the forum spells it. One that is not known loses its namespaces from the left, one at a
 * time, until the rest is (`fixture:ocio:acescct_ap1_scene`).
 */
export function spaceOfInteropId(id: string): Space | undefined {
  const found = SPACES.find((one) => one.interopIds.includes(id))
  const colon = id.indexOf(":")
  return found ?? (colon < 0 ? undefined : spaceOfInteropId(id.slice(colon + 1)))
}

/** A space that only the facility's config knows, by the name it has there; its encoding is read off the name. */
export const foreignSpace = (configSpace: string): Space =>
  space(configSpace, guessedEncoding(configSpace.toLowerCase()), {})

function guessedEncoding(name: string): Encoding {
  if (/lin(ear)?([^a-z]|$)/.test(name)) return "scene-linear"
  if (/log|adx|cineon|acescc/.test(name)) return "log"
  return /srgb|rec\.?\s?709|bt\.?\s?709|1886|gamma|video|display|texture/.test(name) ? "display" : "scene-linear"
}
