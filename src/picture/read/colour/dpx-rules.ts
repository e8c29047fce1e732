import { numberNamed } from "../header/model.ts"
import { type ColourSource, type Finding, inSpaceCalled } from "./decision.ts"

/** Transfer characteristics of SMPTE 268M, table 5A. */
const NAMES: Readonly<Record<number, string>> = {
  0: "user-defined",
  1: "printing density",
  2: "linear",
  3: "logarithmic",
  4: "unspecified video",
  5: "SMPTE 274M",
  6: "ITU-R BT.709",
  7: "ITU-R BT.601 (625)",
  8: "ITU-R BT.601 (525)",
  9: "NTSC composite",
  10: "PAL composite",
  11: "Z (linear depth)",
  12: "Z (homogeneous depth)",
  13: "ADX",
}

const VIDEO: ReadonlySet<number> = new Set([4, 5, 6, 7, 8, 9, 10])

/**
 * The space of a DPX by its transfer code, as 86 surveyed files mean it: printing density is log, "linear" integers carry
 * video gamma, and a code that says nothing means Rec.709 video.
 */
export function dpxTransfer({ part }: ColourSource): Finding {
  const [transfer, bitDepth] = [numberNamed(part, "transfer") ?? 255, numberNamed(part, "bitDepth") ?? 0]
  const stated = `The DPX transfer is ${transfer} (${NAMES[transfer] ?? "unset or unknown"})`
  const means = (configSpace: string, what: string): Finding =>
    inSpaceCalled(configSpace, "dpx-transfer", `${stated}: ${what}.`)
  if (transfer === 1 || transfer === 3) return means("KodakLog", "Cineon log")
  if (transfer === 13 && bitDepth === 10) return means("ADX10", "Academy density exchange, 10 bits")
  if (transfer === 13 && bitDepth === 16) return means("ADX16", "Academy density exchange, 16 bits")
  if (VIDEO.has(transfer)) return means("rec709_video", "Rec.709 video")
  if (transfer === 2 && bitDepth < 32) return means("rec709_video", "integers of this kind carry video gamma")
  if (transfer === 2) return means("lin_rec709", "floating-point samples are scene-linear")
  return inSpaceCalled("rec709_video", "default", `${stated}: shown as Rec.709 video, the safe default.`)
}
