import type { Element } from "../../src/events/records.generated.ts"
import type { DeadLetter, Delivery } from "../../src/log/index.ts"
import type { RendererPorts } from "../ports.ts"
import { persist } from "./retry.ts"

/** Enough to see what it was, little enough for any broker. */
const HEAD_BYTES = 4096

/** Characters of the reason that a dead letter keeps: it stands in a header. */
const SAYS_LENGTH = 2048

type BurialPorts = Pick<RendererPorts, "log" | "clock" | "random" | "policy" | "observe">

/**
 * A record that nobody can decode goes to the dead-letter topic with its coordinates, and the group goes on.
 * A record that is fine but none of this group's is only counted as done.
 */
export async function bury(delivery: Delivery, ports: BurialPorts, signal: AbortSignal): Promise<void> {
  const letter = await deadLetterOf(delivery)
  if (letter !== null) {
    const { result } = await persist("dead-letter", () => ports.log.append([letter]), ports, signal)
    if (!result.ok) return
    ports.observe({ kind: "dead-letter", topic: delivery.at.topic, says: letter.says })
  }
  await persist("acknowledge", () => delivery.acknowledge(), ports, signal)
}

/**
 * An element of which not even the failure can be told goes to the dead-letter topic as JSON, with the coordinates of its
 * arrival. Whether it is there, and its arrival is counted as done.
 */
export async function buryElement(
  delivery: Delivery,
  { element, says }: { readonly element: Element; readonly says: string },
  ports: BurialPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const letter = await letterWith(delivery.at, says, new TextEncoder().encode(JSON.stringify(element)))
  const { result: kept } = await persist("dead-letter", () => ports.log.append([letter]), ports, signal)
  if (!kept.ok) return false
  ports.observe({ kind: "dead-letter", topic: delivery.at.topic, says })
  const { result } = await persist("acknowledge", () => delivery.acknowledge(), ports, signal)
  return result.ok
}

/** A fact that no row can hold goes to the dead-letter topic as JSON: the tables go on without it. */
export async function buryFact(
  { at, content }: Delivery,
  says: string,
  ports: BurialPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const value = "fact" in content ? content.fact.value : null
  const letter = await letterWith(at, says, new TextEncoder().encode(JSON.stringify(value)))
  const { result } = await persist("dead-letter", () => ports.log.append([letter]), ports, signal)
  if (result.ok) ports.observe({ kind: "dead-letter", topic: at.topic, says })
  return result.ok
}

async function deadLetterOf({ at, content }: Delivery): Promise<DeadLetter | null> {
  if (!("undecodable" in content)) return null
  const { bytes, failure } = content.undecodable
  return letterWith(at, failure.says, new Uint8Array(bytes ?? []))
}

const letterWith = async (at: Delivery["at"], says: string, whole: Uint8Array<ArrayBuffer>): Promise<DeadLetter> => ({
  topic: "dead-letter",
  at,
  says: says.slice(0, SAYS_LENGTH),
  lengthBytes: whole.length,
  sha256: await sha256Hex(whole),
  head: whole.slice(0, HEAD_BYTES),
})

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
