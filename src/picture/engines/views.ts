import type { OutputProfile } from "../../element/profiles.ts"
import type { OcioConfig } from "./ocio-config.ts"

export type DisplayView = { readonly display: string; readonly view: string }

/** How linear light becomes the outputs. */
export type Views = {
  readonly config: OcioConfig
  /** Linear Rec.709, as this config names it. */
  readonly linearSpace: string
  /** By the look that a profile asks for. */
  readonly displays: Readonly<Record<OutputProfile["look"], DisplayView>>
}

/**
 * What the code values on a display are: the contract's words for displays that are sRGB or Rec.709 under any name, else
 * the display's own.
 */
export const codesOf = ({ display }: DisplayView): string => {
  if (SRGB.includes(display)) return "sRGB"
  return [REC709_CAMERA, ...REC709].includes(display) ? "Rec709" : display
}

/** Names of the looks that every config can have: the bundled one, the official ACES configs. */
const LOOKS: Readonly<Record<string, readonly string[]>> = {
  "un-tone-mapped": ["Un-tone-mapped"],
  "aces-sdr": [
    "ACES SDR",
    "ACES 1.0 - SDR Video",
    "ACES 1.0 - SDR Video (D60 sim on D65)",
    "ACES 2.0 - SDR 100 nits (Rec.709)",
  ],
}

const SRGB = ["sRGB", "sRGB - Display", "sRGB Display"]
const REC709 = ["Rec1886", "Rec.1886 Rec.709 - Display", "Rec.1886", "Rec.709", "Rec709"]
/** The curve that the contract's plain conversion has: linear 0.18 becomes 0.409. */
const REC709_CAMERA = "Rec709-camera"
const LINEAR = ["lin_rec709", "Linear Rec.709 (sRGB)", "lin_rec709_srgb", "lin_srgb", "Utility - Linear - sRGB"]

/**
 * Displays and views of a look: `un-tone-mapped`, `aces-sdr`, or any view of the config; on an sRGB display
 * for stills, on a Rec.709 one for movies; where the view exists on another display only, that one serves both. Null when the config has no such view.
 */
export function viewsOf(look: string, config: OcioConfig): Views | null {
  const linearSpace = LINEAR.find((name) => config.spaces.has(name))
  const rec709Displays = look === "un-tone-mapped" ? [REC709_CAMERA, ...REC709] : REC709
  const sRGB = firstOf(config, SRGB, LOOKS[look] ?? [look])
  const Rec709 = firstOf(config, rec709Displays, LOOKS[look] ?? [look])
  if (linearSpace === undefined || sRGB === null || Rec709 === null) return null
  return { config, linearSpace, displays: { sRGB, Rec709 } }
}

function firstOf(config: OcioConfig, displays: readonly string[], views: readonly string[]): DisplayView | null {
  for (const display of [...displays, ...config.displays.keys()]) {
    const view = views.find((name) => config.displays.get(display)?.includes(name))
    if (view !== undefined) return { display, view }
  }
  return null
}
