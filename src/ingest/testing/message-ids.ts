import type { IntakeMessage } from "../arrival/message.ts"
import { parseArrival } from "../arrival/parse-arrival.ts"
import { sourceOf } from "./messages.ts"

/** The ids of the elements that a message tells of. */
export const messageIdsOf = (message: IntakeMessage): readonly string[] =>
  parseArrival(message, sourceOf("vast")).flatMap((one) =>
    one.kind === "arrival" || one.kind === "removal" ? [one.announced.elementId] : [],
  )
