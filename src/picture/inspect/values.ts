import type { HeaderValue } from "../read/header/model.ts"

/** A value as JSON, and how much of it that is. */
export type Shortened = {
  readonly json: string
  /** The text as far as it is kept, where the value is text. */
  readonly text: string | null
  readonly cut: boolean
}

export const sizeOf = (text: string): number => Buffer.byteLength(text)

/** JSON has no NaN and no infinities: they stand there as text. */
const spelled = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value

const jsonOf = (value: HeaderValue): string => JSON.stringify(value, spelled)

/**
 * A value as JSON of at most `mostBytes`: of a longer text or list the beginning, which is valid JSON again; of anything
 * else that is longer nothing, which is null.
 */
export function shortened(value: HeaderValue, mostBytes: number): Shortened {
  const whole = jsonOf(value)
  if (sizeOf(whole) <= mostBytes) return { json: whole, text: typeof value === "string" ? value : null, cut: false }
  if (typeof value === "string") {
    const kept = beginning(value.length, mostBytes, (length) => jsonOf(cutText(value, length)))
    return kept === null ? NOTHING : { json: kept.json, text: cutText(value, kept.length), cut: true }
  }
  if (!Array.isArray(value)) return NOTHING
  const kept = beginning(value.length, mostBytes, (length) => jsonOf(value.slice(0, length)))
  return kept === null ? NOTHING : { json: kept.json, text: null, cut: true }
}

const NOTHING: Shortened = { json: "null", text: null, cut: true }

/** Half a pair of surrogates is no character. */
const cutText = (text: string, length: number): string => {
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}

type Beginning = { readonly json: string; readonly length: number }

/** About the longest beginning whose JSON fits, null where none but the empty one does. */
function beginning(length: number, mostBytes: number, jsonUpTo: (length: number) => string): Beginning | null {
  for (let kept = Math.min(length, mostBytes); kept > 0; ) {
    const json = jsonUpTo(kept)
    const bytes = sizeOf(json)
    if (bytes <= mostBytes) return { json, length: kept }
    kept = Math.min(kept - 1, Math.floor((kept * mostBytes) / bytes))
  }
  return null
}

/** Text for a column: databases that end a text at NUL would refuse it. */
export const withoutNul = (text: string): string => text.replaceAll("\0", "\uFFFD")
