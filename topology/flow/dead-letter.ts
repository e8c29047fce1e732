import type { DeadLetter, Delivery } from "../../src/log/index.ts"
import type { FlowPorts } from "../ports.ts"
import { persist } from "./retry.ts"

/** Enough to see what it was, little enough for any broker. */
const HEAD_BYTES = 4096

/** Characters of the reason that a dead letter keeps: it stands in a header. */
const SAYS_LENGTH = 2048

/**
 * A record that nobody can decode goes to the dead-letter topic with its coordinates, and the group goes on.
 * A record that is fine but none of this group's is only counted as done.
 */
export async function bury(delivery: Delivery, ports: FlowPorts, signal: AbortSignal): Promise<void> {
  const { at, content } = delivery
  if ("undecodable" in content) {
    const { bytes, failure } = content.undecodable
    const isKept = await keep(await letterOf(at, failure.says, new Uint8Array(bytes ?? [])), ports, signal)
    if (!isKept) return
  }
  await persist("acknowledge", () => delivery.acknowledge(), ports, signal)
}

/**
 * What no fact and no row can hold goes to the dead-letter topic as JSON, with the coordinates of the record that it came
 * with. Whether it is there.
 */
export const buryValue = async (
  { at }: Pick<Delivery, "at">,
  { value, says }: { readonly value: unknown; readonly says: string },
  ports: FlowPorts,
  signal: AbortSignal,
): Promise<boolean> => keep(await letterOf(at, says, new TextEncoder().encode(JSON.stringify(value))), ports, signal)

async function keep(letter: DeadLetter, ports: FlowPorts, signal: AbortSignal): Promise<boolean> {
  const { result } = await persist("dead-letter", () => ports.log.append([letter]), ports, signal)
  if (result.ok) ports.observe({ kind: "dead-letter", topic: letter.at.topic, says: letter.says })
  return result.ok
}

async function letterOf(at: Delivery["at"], says: string, whole: Uint8Array<ArrayBuffer>): Promise<DeadLetter> {
  const digest = await crypto.subtle.digest("SHA-256", whole)
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  const head = whole.slice(0, HEAD_BYTES)
  return { topic: "dead-letter", at, says: says.slice(0, SAYS_LENGTH), lengthBytes: whole.length, sha256, head }
}
