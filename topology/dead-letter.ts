import type { DeadLetter, Delivery } from "../src/log/index.ts"
import { persist } from "./persist.ts"
import type { RendererPorts } from "./ports.ts"

/** Enough to see what it was, little enough for any broker. */
const HEAD_BYTES = 4096

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

async function deadLetterOf({ at, content }: Delivery): Promise<DeadLetter | null> {
  if (!("undecodable" in content)) return null
  const { bytes, failure } = content.undecodable
  const whole = new Uint8Array(bytes ?? [])
  return {
    topic: "dead-letter",
    at,
    says: failure.says,
    lengthBytes: whole.length,
    sha256: await sha256Hex(whole),
    head: whole.slice(0, HEAD_BYTES),
  }
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}
