import { type ByProfile, byProfile } from "../../element/profiles.ts"
import { displayCodes, type PicturePlan, plannedOutputs } from "../engines/plan.ts"
import type { DisplayView, Views } from "../engines/views.ts"
import type { AppliedLook, SpaceInConfig } from "../looks/apply.ts"
import { type Curve, REC709_CAMERA, REC1886, SRGB } from "./curve.ts"
import { AP1_FROM_REC709, type InputTransform, KNOWN_SPACES } from "./known-spaces.ts"
import type { Lut } from "./look.ts"

/** A look that must be baked by running oiiotool with the config that has it. */
export type BakeRequest = {
  readonly kind: "bake"
  readonly configPath: string
  /** Space of the lattice, as that config names it. */
  readonly from: string
  /** From linear Rec.709 to that space, row by row; empty where it is the same. */
  readonly fromRec709: readonly number[]
  /** A view, or the space that a display-referred source came from. */
  readonly to: DisplayView | { readonly space: string }
  /** Look file on the way there; absent for none. */
  readonly look?: BakedLook
}

export type BakedLook = Pick<AppliedLook, "steps"> & {
  /** Linear Rec.709, as the config of the request names it. */
  readonly linearSpace: string
  /** Codes that it ends with in place of `to`; null to end with that. */
  readonly codes: SpaceInConfig | null
}

export type OutputLook = ReadyCurve | BakeRequest

type ReadyCurve = { readonly kind: "curve"; readonly curve: Curve }

/** A look from linear Rec.709, ready to be used. */
export type ReadyLook = ReadyCurve | { readonly kind: "lut"; readonly fromRec709: readonly number[]; readonly lut: Lut }

/** Curves of the bundled config's displays. */
const CURVES: Readonly<Record<string, Curve>> = { sRGB: SRGB, Rec1886: REC1886, "Rec709-camera": REC709_CAMERA }
/** ACEScg, as configs name it: its positive colours hold nearly all that cameras see, so a lattice of it cuts off little. */
const WIDE = ["ACEScg", "ACES - ACEScg", "lin_ap1"]
const AS_IT_IS: Curve = { kind: "power", gamma: 1 }

/**
 * How the outputs are to look. Plain conversions of the bundled config are curves; display-referred sources are
 * encoded again with the curve that linearised them (`input`; null where oiiotool did that), or as sRGB; all else is baked.
 */
export function looksOf(
  plan: PicturePlan,
  input: InputTransform | null,
  bundledConfigPath: string,
): ByProfile<OutputLook> {
  const { views } = plan
  if (plan.look !== null) return throughLook(plan, plan.look)
  if (plan.input.encoding === "display") {
    const again = encodedAgain(plan, input)
    return eachOutput(plan, () => again)
  }
  const request = (to: DisplayView): OutputLook => {
    const curve =
      views.config.path === bundledConfigPath && to.view === "Un-tone-mapped" ? CURVES[to.display] : undefined
    return curve === undefined ? fromWide(views, to) : { kind: "curve", curve }
  }
  return eachOutput(plan, request)
}

const eachOutput = (plan: PicturePlan, look: (to: DisplayView) => OutputLook): ByProfile<OutputLook> =>
  byProfile(plannedOutputs(plan).map(({ name, view }) => [name, look(view)]))

function fromWide({ config, linearSpace }: Views, to: DisplayView): BakeRequest {
  const wide = WIDE.find((name) => config.spaces.has(name))
  return {
    kind: "bake",
    configPath: config.path,
    from: wide ?? linearSpace,
    fromRec709: wide === undefined ? [] : AP1_FROM_REC709,
    to,
  }
}

/** A look is a table, whatever comes after it. Only where that is a view do the outputs differ. */
function throughLook(plan: PicturePlan, { steps }: AppliedLook): ByProfile<OutputLook> {
  const { views } = plan
  const look: BakedLook = { steps, linearSpace: views.linearSpace, codes: displayCodes(plan) }
  const request = (to: DisplayView): OutputLook => ({
    ...fromWide(views, to),
    ...(look.codes !== null && { to: { space: look.codes.space } }),
    look,
  })
  return eachOutput(plan, request)
}

function encodedAgain(
  { input: { config, linearSpace, space, shownSpace } }: PicturePlan,
  input: InputTransform | null,
): OutputLook {
  const known = shownSpace === space ? input : KNOWN_SPACES.get(shownSpace)
  if (known) return { kind: "curve", curve: known.curve ?? AS_IT_IS }
  return { kind: "bake", configPath: config.path, from: linearSpace, fromRec709: [], to: { space: shownSpace } }
}
