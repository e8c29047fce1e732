import fc from "fast-check"
import type { RecordSchema, Schema } from "../avro-schema.ts"
import { isRecord, recordsByName } from "../avro-schema.ts"
import type { Fact } from "../fact.ts"
import { type FactTopic, schemaOf } from "../schemas.ts"

/** Where numbers stop being what they were: the ends of 32, 53 and 64 bits, what is no whole number, what is none. */
export const HOSTILE_NUMBERS: readonly number[] = [
  ...[-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e300, 8.64e15, 8.64e15 + 1],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 53 - 2, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 2 ** 64 - 1].flatMap((n) => [
    n,
    -n,
  ]),
]

const hostileText = fc.oneof(
  fc.constantFrom("", "\0", "\ud800", "a\udc00b", "'", "''\\", "\u2028", "🎬", "=1+1"),
  fc.string({ unit: "binary", maxLength: 12 }),
)
const hostileNumber = fc.oneof(fc.constantFrom(...HOSTILE_NUMBERS), fc.double())
/** Not even of the right type, as a bug or a foreign library would make it. */
const misfit = fc.constantFrom<unknown>(undefined, null, 7n, {}, [], "text", new Date(0), Symbol.iterator)

const NUMBERS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int: fc.integer({ min: 0, max: 100 }),
  long: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  float: fc.double({ noNaN: true, min: 0, max: 1e6 }),
  double: fc.double({ noNaN: true, min: 0, max: 1e6 }),
}

type Odds = {
  /** How many of a hundred leaves are hostile: of the right type, but at or beyond its ends. */
  readonly hostile: number
  /** How many are of another type altogether. */
  readonly misfit: number
}

/** Facts of a topic, made from its schema: every field of it, the hostile ones included, is tried in time. */
export function hostileFact(topic: FactTopic, odds: Odds): fc.Arbitrary<Fact> {
  const schema = schemaOf(topic)
  return anyOf(schema, { odds, known: recordsByName(schema) }).map((value) => ({ topic, value }) as Fact)
}

const isUnion = (schema: Schema): schema is readonly Schema[] => Array.isArray(schema)

type Making = { readonly odds: Odds; readonly known: ReadonlyMap<string, RecordSchema> }

function anyOf(schema: Schema, making: Making): fc.Arbitrary<unknown> {
  if (typeof schema === "string") return named(schema, making)
  if (isUnion(schema)) return fc.oneof(...schema.map((branch) => anyOf(branch, making)))
  if (isRecord(schema))
    return fc.record(Object.fromEntries(schema.fields.map(({ name, type }) => [name, anyOf(type, making)])))
  if ("items" in schema) return fc.array(anyOf(schema.items, making), { maxLength: 3 })
  if ("values" in schema) return fc.dictionary(fc.string(), anyOf(schema.values, making), { maxKeys: 3 })
  return named((schema as { readonly type: string }).type, making)
}

function named(name: string, making: Making): fc.Arbitrary<unknown> {
  const record = making.known.get(name.split(".").at(-1) ?? name)
  if (record !== undefined) return anyOf(record, making)
  if (name === "null") return fc.constant(null)
  const tame = NUMBERS[name] ?? (name === "boolean" ? fc.boolean() : fc.string({ minLength: 1, maxLength: 12 }))
  const wild = name in NUMBERS ? hostileNumber : name === "string" ? hostileText : tame
  const { hostile, misfit: other } = making.odds
  return fc.oneof(
    { weight: 100 - hostile - other, arbitrary: tame },
    ...(hostile === 0 ? [] : [{ weight: hostile, arbitrary: wild }]),
    ...(other === 0 ? [] : [{ weight: other, arbitrary: misfit }]),
  )
}
