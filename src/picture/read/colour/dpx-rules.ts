import { numberNamed } from "../header/model.ts"
import { type ColourSource, type Finding, inSpace, nothing } from "./decision.ts"
import { SPACES, type Space } from "./spaces.ts"

const spaceOf = (configSpace: string): Space | undefined => SPACES.find((one) => one.configSpace === configSpace)

export function dpxTransfer({ part }: ColourSource): Finding {
  const found = dpxSpace(numberNamed(part, "transfer") ?? 255, numberNamed(part, "bitDepth") ?? 0)
  const space = spaceOf(found.configSpace)
  return space === undefined ? nothing : inSpace(space, found.rule, found.evidence)
}

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

type DpxSpace = {
  readonly configSpace: string
  readonly rule: "dpx-transfer" | "default"
  readonly evidence: string
}

/**
 * The space of a DPX by its transfer code, media knowledge of 86 surveyed files behind it: printing density is log,
 * "linear" integers carry video gamma, and a code that says nothing means Rec.709 video.
 */
function dpxSpace(transfer: number, bitDepth: number): DpxSpace {
  const stated = `The DPX transfer is ${transfer} (${NAMES[transfer] ?? "unset or unknown"})`
  const byTransfer = (configSpace: string, means: string): DpxSpace => ({
    configSpace,
    rule: "dpx-transfer",
    evidence: `${stated}: ${means}.`,
  })
  if (transfer === 1 || transfer === 3) return byTransfer("KodakLog", "Cineon log")
  if (transfer === 13 && bitDepth === 10) return byTransfer("ADX10", "Academy density exchange, 10 bits")
  if (transfer === 13 && bitDepth === 16) return byTransfer("ADX16", "Academy density exchange, 16 bits")
  if (VIDEO.has(transfer)) return byTransfer("rec709_video", "Rec.709 video")
  if (transfer === 2 && bitDepth < 32) return byTransfer("rec709_video", "integers of this kind carry video gamma")
  if (transfer === 2) return byTransfer("lin_rec709", "floating-point samples are scene-linear")
  return {
    configSpace: "rec709_video",
    rule: "default",
    evidence: `${stated}: shown as Rec.709 video, the safe default.`,
  }
}
