import type { Failure } from "../../events/result.ts"
import type { ColourSettings, Reading } from "../model.ts"
import { firstBytes, type HeaderOutcome } from "../read/header/bytes.ts"
import { decideReading, type PictureRequest } from "../read/reading.ts"

const PLAIN: ColourSettings = { inputSpace: null, look: "un-tone-mapped", cameraTokens: false }

type ReadingOptions = Partial<Omit<PictureRequest, "colour">> & { readonly colour?: Partial<ColourSettings> }

/** Reads a whole file in memory under a key, with plain settings unless `asked` says otherwise. */
export function outcomeOf(bytes: Uint8Array, key: string, asked: ReadingOptions = {}): HeaderOutcome<Reading> {
  const request = { key, statedSpace: null, configHash: "0123456789abcdef", ...asked }
  return decideReading(firstBytes(bytes, bytes.length), { ...request, colour: { ...PLAIN, ...asked.colour } })
}

export function readingOf(bytes: Uint8Array, key: string, asked: ReadingOptions = {}): Reading {
  const outcome = outcomeOf(bytes, key, asked)
  if (outcome.kind === "read") return outcome.value
  throw new Error(`${key} is not read: ${JSON.stringify(outcome)}`)
}

export function failureOf(bytes: Uint8Array, key: string, asked: ReadingOptions = {}): Failure {
  const outcome = outcomeOf(bytes, key, asked)
  if (outcome.kind === "failed") return outcome.failure
  throw new Error(`${key} does not fail: ${JSON.stringify(outcome)}`)
}
