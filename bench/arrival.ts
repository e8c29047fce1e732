import type { FactOf } from "../src/events/fact.ts"
import { elementIdOf, factIdOf } from "../src/events/identity.ts"
import { element } from "../src/events/testing/facts.ts"

/** The arrival of a frame of its own for each number: of a hundred shots that arrive side by side. */
export function arrival(number: number): FactOf<"element-created"> {
  const key = `sh${number % 100}/frame.${String(Math.floor(number / 100)).padStart(7, "0")}.exr`
  const elementId = elementIdOf({
    record: { topic: "bench", partition: 0, offset: number, timestampMs: 0, sha256: "", recordIndex: 0 },
  })
  const arrived = element({ key, elementId, triggerId: elementId })
  return {
    topic: "element-created",
    value: {
      factId: factIdOf("element-created", elementId),
      causationId: elementId,
      recordedAtMs: arrived.arrivedAtMs,
      element: arrived,
      logicalTimeMs: null,
      requestedBy: null,
    },
  }
}
