import { type Failure, failure } from "../../events/failure.ts"
import type { PicturePlan } from "./plan.ts"

/** Black is right when no pixel lies in the display window, or when the source has no light; else it is this alarm. */
export const silentlyBlack = ({ selection }: PicturePlan): Failure =>
  failure(
    "picture/silently-black",
    `The picture came out black although channels ${selection.channels.join(", ")} hold light; nothing was published.`,
  )
