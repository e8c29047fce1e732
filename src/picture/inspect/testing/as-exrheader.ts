import type { Attribute, Part } from "../../../events/records.generated.ts"
import { type Printed, UNPRINTED } from "./exrheader.ts"

type Fields = Readonly<Record<string, unknown>>

/** The attributes of an inspected part as exrheader would print them. */
export const asPrinted = ({ attributes }: Part): ReadonlyMap<string, Printed> =>
  new Map(
    attributes.map((attribute) => {
      const { name, type } = attribute
      return [bytesOf(name), { type: bytesOf(type), value: isPrinted(attribute) ? printed(attribute) : null }]
    }),
  )

/** exrheader leaves out the values of types that it does not know. */
const isPrinted = ({ type, valueJson }: Attribute): boolean =>
  !UNPRINTED.has(type) && !valueJson.startsWith('{"hex"') && type !== "bytes"

/** Text as the bytes that stand in the file, each a character. */
const bytesOf = (text: string): string => Buffer.from(text).toString("latin1")

const PRINTED: Readonly<Record<string, (value: never) => unknown>> = {
  string: (value: string) => bytesOf(value),
  stringvector: (value: readonly string[]) => value.map(bytesOf),
  compression: (value: string) => value,
  lineOrder: (value: string) => value,
  envmap: (value: string) => value,
  chlist: (value: readonly Fields[]) =>
    value.map((one) => [
      bytesOf(String(one.name)),
      one.pixelType,
      one.xSampling,
      one.ySampling,
      one.perceptuallyLinear === 1,
    ]),
  tiledesc: ({ width, height, levelMode, roundingMode }: Fields) => [
    levelMode,
    width,
    height,
    levelMode === "one-level" ? "" : roundingMode,
  ],
  rational: ({ num, den }: Fields) => [num, den],
  timecode: ({ timeAndFlags, userData }: { readonly timeAndFlags: number; readonly userData: number }) => [
    [24, 16, 8, 0].map((shift) => bcd(timeAndFlags >>> shift, shift)).join(":"),
    ...[6, 7, 15, 23, 30, 31].map((bit) => ((timeAndFlags >>> bit) & 1) === 1),
    userData,
  ],
}

/** Two digits; the bits above the tens are flags. */
const bcd = (byte: number, shift: number): string => {
  const tensBits = shift === 0 || shift === 24 ? 3 : 7
  return `${(byte >>> 4) & tensBits}${byte & 15}`
}

function printed({ type, valueJson }: Attribute): unknown {
  const value: unknown = JSON.parse(valueJson)
  const print = PRINTED[type]
  return print === undefined ? numbersOf(value).map(sixDigits) : print(value as never)
}

function numbersOf(value: unknown): readonly number[] {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(numbersOf)
  return [Number(value)]
}

/** As C++ streams print numbers. */
const sixDigits = (number: number): number => Number(number.toPrecision(6))
