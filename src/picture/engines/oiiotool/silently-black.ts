import { type Failure, failure } from "../../../events/failure.ts"
import type { AppliedLook } from "../../looks/apply.ts"
import type { PicturePlan } from "../plan.ts"

/** Black is right when no pixel lies in the display window, or when the source has no light; else it is this alarm. */
export const silentlyBlack = ({ selection }: PicturePlan): Failure =>
  failure(
    "picture/silently-black",
    `The picture came out black although channels ${selection.channels.join(", ")} hold light; nothing was published.`,
  )

/** A look may make black of anything: no decoder is blamed then, but somebody is told. */
export const blackByLook = ({ name }: AppliedLook): string =>
  `The picture is black although its source has light: the look file ${name} makes it so.`
