/**
 * Walks Avro bytes along their writer's schema without building anything, so that hostile or damaged bytes are refused
 * before a decoder believes them: avsc loops or allocates for any array length that the bytes claim.
 * Source: Avro 1.11 specification, "Binary Encoding".
 */

type Cursor = { readonly bytes: Uint8Array; at: number; wrong: boolean }
type Walk = (cursor: Cursor) => void

const refuse = (cursor: Cursor): number => {
  cursor.wrong = true
  return 0
}

const skip =
  (sizeBytes: number): Walk =>
  (cursor) => {
    cursor.at += sizeBytes
  }

/** Zigzag varint; in doubles, since counts and lengths above 2^53 are refused anyway. */
function long(cursor: Cursor): number {
  const { bytes } = cursor
  let value = 0
  let scale = 1
  for (let digits = 0; digits < 10; digits++) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) return refuse(cursor)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    scale *= 128
  }
  return refuse(cursor)
}

const text: Walk = (cursor) => {
  const sizeBytes = long(cursor)
  if (sizeBytes < 0 || sizeBytes > cursor.bytes.length - cursor.at) refuse(cursor)
  else cursor.at += sizeBytes
}

const PRIMITIVES: Readonly<Record<string, Walk>> = {
  null: skip(0),
  boolean: skip(1),
  int: long,
  long,
  float: skip(4),
  double: skip(8),
  bytes: text,
  string: text,
  enum: long,
}

/** Blocks of items until an empty one. No item of ours takes less than a byte, so a count above the rest is a lie. */
const blocks =
  (item: Walk): Walk =>
  (cursor) => {
    for (let count = long(cursor); count !== 0 && !cursor.wrong; count = long(cursor)) {
      if (count < 0) long(cursor)
      const items = Math.abs(count)
      if (items > cursor.bytes.length - cursor.at) return void refuse(cursor)
      for (let index = 0; index < items && !cursor.wrong; index++) item(cursor)
    }
  }

const sequence =
  (fields: readonly Walk[]): Walk =>
  (cursor) => {
    for (const field of fields) {
      if (cursor.wrong) return
      field(cursor)
    }
  }

const union =
  (branches: readonly Walk[]): Walk =>
  (cursor) => {
    const branch = branches[long(cursor)]
    if (branch === undefined) refuse(cursor)
    else branch(cursor)
  }

type AvroSchema =
  | string
  | readonly AvroSchema[]
  | {
      readonly type: AvroSchema
      readonly name?: string
      readonly namespace?: string
      readonly size?: number
      readonly items?: AvroSchema
      readonly values?: AvroSchema
      readonly fields?: readonly { readonly type: AvroSchema }[]
    }

type Named = Map<string, Walk>
type Scope = { readonly named: Named; readonly namespace: string }

const fullName = (name: string, namespace: string): string =>
  name.includes(".") || namespace === "" ? name : `${namespace}.${name}`

function reference(name: string, { named, namespace }: Scope): Walk {
  const primitive = PRIMITIVES[name]
  if (primitive !== undefined) return primitive
  // Looked up when it runs: a record may contain itself.
  return (cursor) => (named.get(fullName(name, namespace)) ?? named.get(name) ?? refuse)(cursor)
}

function walkOf(schema: AvroSchema, scope: Scope): Walk {
  if (typeof schema === "string") return reference(schema, scope)
  if (Array.isArray(schema)) return union(schema.map((branch: AvroSchema) => walkOf(branch, scope)))
  const type = schema as Exclude<AvroSchema, string | readonly AvroSchema[]>
  if (typeof type.type !== "string") return walkOf(type.type, scope)
  if (type.items !== undefined) return blocks(walkOf(type.items, scope))
  if (type.values !== undefined) return blocks(sequence([text, walkOf(type.values, scope)]))
  if (type.name === undefined) return reference(type.type, scope)
  const name = fullName(type.name, type.namespace ?? scope.namespace)
  const inner = { named: scope.named, namespace: name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : "" }
  const walk =
    type.fields === undefined
      ? (PRIMITIVES[type.type] ?? skip(type.size ?? 0))
      : sequence(type.fields.map((field) => walkOf(field.type, inner)))
  scope.named.set(name, walk)
  return walk
}

/** Says whether bytes hold exactly one value of a schema: nothing claimed that is not there, nothing left over. */
export function boundsCheck(schema: unknown): (bytes: Uint8Array, from: number) => boolean {
  const walk = walkOf(schema as AvroSchema, { named: new Map(), namespace: "" })
  return (bytes, from) => {
    const cursor = { bytes, at: from, wrong: false }
    walk(cursor)
    return !cursor.wrong && cursor.at === bytes.length
  }
}
