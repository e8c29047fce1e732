import { createHmac, createSecretKey, randomBytes } from "node:crypto"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** The secret that addresses of a folder's files are signed with. */
export type MediaKey = { readonly sign: (text: string) => string }

const KEY_FILE = "media.key"
const KEY_BYTES = 32

export function mediaKeyOf(secret: Buffer): MediaKey {
  const key = createSecretKey(secret)
  return { sign: (text) => createHmac("sha256", key).update(text).digest("base64url") }
}

/**
 * The key of a state, kept there for its owner's eyes alone, so that addresses outlive a restart. Where the state cannot be
 * written, one of this process.
 */
export function openMediaKey(stateDir: string): MediaKey {
  const file = join(stateDir, KEY_FILE)
  const made = randomBytes(KEY_BYTES)
  try {
    // Exclusive, so that two that start at one time have one key.
    writeFileSync(file, made, { mode: 0o600, flag: "wx" })
    return mediaKeyOf(made)
  } catch (error) {
    if (codeOf(error) !== "EEXIST") return mediaKeyOf(made)
  }
  const kept = readFileSync(file)
  if (kept.length === KEY_BYTES) {
    chmodSync(file, 0o600)
    return mediaKeyOf(kept)
  }
  writeFileSync(file, made, { mode: 0o600 })
  return mediaKeyOf(made)
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code
  throw error
}
