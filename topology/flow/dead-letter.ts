import { deadLetter } from "../../src/log/dead-letter.ts"
import type { DeadLetter, Delivery } from "../../src/log/index.ts"
import type { FlowPorts } from "../ports.ts"
import { persist } from "./retry.ts"

/**
 * A record that nobody can decode goes to the dead-letter topic with its coordinates, and the group goes on.
 * A record that is fine but none of this group's is only counted as done.
 */
export async function bury(delivery: Delivery, ports: FlowPorts, signal: AbortSignal): Promise<void> {
  const { at, content } = delivery
  if ("undecodable" in content) {
    const { bytes, failure } = content.undecodable
    const isKept = await keep(deadLetter(at, failure.says, bytes ?? new Uint8Array()), ports, signal)
    if (!isKept) return
  }
  await persist("acknowledge", () => delivery.acknowledge(), ports, signal)
}

/**
 * What no fact and no row can hold goes to the dead-letter topic as JSON, with the coordinates of the record that it came
 * with. Whether it is there.
 */
export const buryValue = (
  { at }: Pick<Delivery, "at">,
  { value, says }: { readonly value: unknown; readonly says: string },
  ports: FlowPorts,
  signal: AbortSignal,
): Promise<boolean> => keep(deadLetter(at, says, new TextEncoder().encode(JSON.stringify(value))), ports, signal)

async function keep(letter: DeadLetter, ports: FlowPorts, signal: AbortSignal): Promise<boolean> {
  const { result } = await persist("dead-letter", () => ports.log.append([letter]), ports, signal)
  if (result.ok) ports.observe({ kind: "dead-letter", topic: letter.at.topic, says: letter.says })
  return result.ok
}
