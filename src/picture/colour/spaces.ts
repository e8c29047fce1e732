/** How the samples of a space relate to light. Display-referred ones pass through to the outputs unchanged. */
export type Encoding = "scene-linear" | "log" | "display"

/** A colour space under all its names. */
export type Space = {
  /** In the OCIO config, src/picture/proxy.ocio. */
  readonly configSpace: string
  /** What the table says (source_colorspace). */
  readonly name: string
  readonly encoding: Encoding
  /** Ids of the ASWF Color Interop Forum, as the EXR attribute colorInteropID holds them. */
  readonly interopIds: readonly string[]
  /** Other spellings that settings, metadata and the public ACES configs use; case and punctuation do not matter. */
  readonly aliases: readonly string[]
}

type Names = { readonly interopIds?: readonly string[]; readonly aliases?: readonly string[]; readonly name?: string }

const space = (configSpace: string, encoding: Encoding, { interopIds = [], aliases = [], name }: Names): Space => ({
  configSpace,
  name: name ?? configSpace,
  encoding,
  interopIds,
  aliases,
})

/** Every space that the bundled config knows by a stable name. */
export const SPACES: readonly Space[] = [
  space("lin_rec709", "scene-linear", {
    interopIds: ["lin_rec709_scene", "lin_rec709"],
    aliases: ["Linear Rec.709 (sRGB)", "Utility - Linear - sRGB", "Utility - Linear - Rec.709", "lin_srgb", "linear"],
  }),
  space("ACES2065-1", "scene-linear", {
    interopIds: ["lin_ap0_scene", "lin_ap0"],
    aliases: ["ACES - ACES2065-1", "lin_ap0", "AP0", "aces"],
  }),
  space("ACEScg", "scene-linear", {
    interopIds: ["lin_ap1_scene", "lin_ap1"],
    aliases: ["ACES - ACEScg", "lin_ap1", "AP1"],
  }),
  space("lin_p3d65", "scene-linear", {
    interopIds: ["lin_p3d65_scene", "lin_p3d65"],
    aliases: ["Linear P3-D65", "lin_displayp3"],
  }),
  space("lin_rec2020", "scene-linear", {
    interopIds: ["lin_rec2020_scene", "lin_rec2020"],
    aliases: ["Linear Rec.2020", "Utility - Linear - Rec.2020"],
  }),
  space("KodakLog", "log", { aliases: ["cineon", "Cineon log", "Kodak log"] }),
  space("ADX10", "log", { aliases: ["Input - ADX - ADX10"] }),
  space("ADX16", "log", { aliases: ["Input - ADX - ADX16"] }),
  space("LogC3", "log", { aliases: ["ARRI LogC3 (EI800)", "LogC3 (EI800)", "LogC", "logc3ei800_awg3"] }),
  space("SLog3_SGamut3", "log", { aliases: ["S-Log3 S-Gamut3", "slog3"] }),
  space("SLog3_SGamut3Cine", "log", { aliases: ["S-Log3 S-Gamut3.Cine", "S-Log3 Cine"] }),
  space("VLog", "log", { aliases: ["V-Log V-Gamut", "V-Log"] }),
  space("Log3G10", "log", { aliases: ["Log3G10 REDWideGamutRGB", "REDLog3G10"] }),
  space("ACEScct", "log", { aliases: ["ACES - ACEScct"] }),
  space("srgb_tx", "display", {
    name: "srgb",
    interopIds: ["srgb_rec709_scene", "srgb_rec709_display", "srgb_rec709"],
    aliases: ["sRGB", "sRGB - Texture", "Utility - sRGB - Texture", "sRGB Encoded Rec.709 (sRGB)"],
  }),
  space("rec709_video", "display", {
    interopIds: ["g24_rec709_scene", "g24_rec709_display", "g24_rec709"],
    aliases: ["Rec.709", "BT.709", "Rec709", "Gamma 2.4 Rec.709 - Texture", "Gamma 2.4 Encoded Rec.709"],
  }),
  space("data", "display", { interopIds: ["data"], aliases: ["raw", "Utility - Raw", "non-color"] }),
]

const spelling = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "")

const BY_SPELLING = new Map(
  SPACES.flatMap((one) =>
    [one.configSpace, one.name, ...one.interopIds, ...one.aliases].map((name) => [spelling(name), one] as const),
  ),
)

/** The space of any of its names; undefined for a name that is none of ours. */
export const spaceNamed = (name: string): Space | undefined => BY_SPELLING.get(spelling(name))

/** The space of an interop id, exactly as the forum spells it. */
export const spaceOfInteropId = (id: string): Space | undefined => SPACES.find((one) => one.interopIds.includes(id))

/** A space that only the facility's config knows, by the name it has there; its encoding is read off the name. */
export const foreignSpace = (configSpace: string): Space =>
  space(configSpace, guessedEncoding(configSpace.toLowerCase()), {})

function guessedEncoding(name: string): Encoding {
  if (/lin(ear)?([^a-z]|$)/.test(name)) return "scene-linear"
  if (/log|adx|cineon|acescc/.test(name)) return "log"
  return /srgb|rec\.?\s?709|bt\.?\s?709|1886|gamma|video|display|texture/.test(name) ? "display" : "scene-linear"
}
