import type { OfNumber } from "../../pixels/curve.ts"
import { type Cursor, refuse } from "../header/bytes.ts"

/**
 * The tone curve at an offset of an ICC profile, from code value to light, both 0 to 1: a `curv` (identity, gamma or table)
 * or a `para` (ICC.1:2022, 10.6 and 10.18). Ends the reading where it is neither or cut short.
 */
export function readToneCurve(cursor: Cursor, offset: number): OfNumber {
  cursor.seek(offset)
  const type = String.fromCharCode(...cursor.bytes(4))
  cursor.u32()
  if (type === "curv") return bounded(sampled(cursor))
  if (type === "para") return bounded(parametric(cursor))
  return refuse("picture/damaged", "The ICC profile's tone curve is of no kind that is known.")
}

/** Whether the curve says anything: light that grows from black to white. */
export const rises = (curve: OfNumber): boolean => curve(1) - curve(0) > 0.1

/** A power of a negative number is none: black, as everything below it. */
const bounded =
  (curve: OfNumber): OfNumber =>
  (code) => {
    const light = curve(code)
    return light > 0 ? Math.min(1, light) : 0
  }

function sampled(cursor: Cursor): OfNumber {
  const entries = cursor.u32()
  if (entries === 0) return (code) => code
  if (entries === 1) {
    const gamma = cursor.u16() / 256
    return (code) => code ** gamma
  }
  const bytes = cursor.bytes(entries * 2)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = (index: number): number => view.getUint16(index * 2) / 65_535
  return (code) => {
    const place = Math.min(1, Math.max(0, code)) * (entries - 1)
    const low = Math.min(entries - 2, Math.floor(place))
    return at(low) + (at(low + 1) - at(low)) * (place - low)
  }
}

/** Numbers that each kind of parametric curve has. */
const PARAMETERS = [1, 3, 4, 5, 7]

/** The five kinds are one: a power above a break, a straight line below it. */
function parametric(cursor: Cursor): OfNumber {
  const kind = cursor.u16()
  cursor.u16()
  const count =
    PARAMETERS[kind] ?? refuse("picture/damaged", "The ICC profile's tone curve is of no kind that is known.")
  const [g = 1, a = 1, b = 0, ...rest] = Array.from({ length: count }, () => cursor.i32() / 65_536)
  if (kind <= 2) {
    const offset = rest[0] ?? 0
    const start = kind === 0 ? 0 : -b / a
    return (code) => (code >= start ? (a * code + b) ** g + offset : offset)
  }
  const [slope = 0, start = 0, above = 0, below = 0] = rest
  return (code) => (code >= start ? (a * code + b) ** g + above : slope * code + below)
}
