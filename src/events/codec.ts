import avro from "avsc"
import { boundsCheck } from "./avro-bounds.ts"
import type { Fact } from "./fact.ts"
import { done, failed, failure, type Result } from "./result.ts"
import { FACT_TOPICS, type FactTopic, schemaText } from "./schemas.ts"

/** Confluent wire format: one magic byte, the writer schema's id (32 bit big-endian), Avro binary. */
const MAGIC = 0
const HEADER_BYTES = 5

// Timestamps stay plain numbers: avsc knows no logical type unless it is given one.
const typeOf = (text: string): avro.Type => avro.Type.forSchema(JSON.parse(text), { omitRecordMethods: true })

const TEXTS = new Map<FactTopic, string>(FACT_TOPICS.map((topic) => [topic, schemaText(topic)]))
const types = new Map<FactTopic, avro.Type>()

/** Made when it is first needed: most commands, and most of a run's first moments, need few of them. */
function typeFor(topic: FactTopic): avro.Type {
  const type = types.get(topic) ?? typeOf(ofTopic(TEXTS, topic))
  types.set(topic, type)
  return type
}

function ofTopic<T>(map: ReadonlyMap<FactTopic, T>, topic: FactTopic): T {
  const found = map.get(topic)
  if (found === undefined) throw new Error(`codec: ${topic} is not a topic of facts`)
  return found
}

/** Compact schema text of each topic that this version writes: what a log stores or a registry is asked for. */
export const currentSchemas: ReadonlyMap<FactTopic, string> = TEXTS

/**
 * Bytes of a fact as they stand in a topic. `schemaId` is the id under which the log keeps the current schema of
 * `fact.topic`, 0..2^31-1. Fails log/unencodable, naming the fields, when the fact does not fit its schema: what it tells
 * comes from files, messages and servers, and one absurd number must cost one element, never the process.
 */
export function encodeFact(fact: Fact, schemaId: number): Result<Buffer> {
  const body = avroBytes(fact)
  if (!body.ok) return body
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.value.length)
  bytes.writeUInt8(MAGIC, 0)
  bytes.writeInt32BE(schemaId, 1)
  body.value.copy(bytes, HEADER_BYTES)
  return done(bytes)
}

function avroBytes(fact: Fact): Result<Buffer> {
  const type = typeFor(fact.topic)
  try {
    return done(type.toBuffer(fact.value))
  } catch (error) {
    const why = misfit(type, fact.value) || classify(error)
    return failed(failure("log/unencodable", `A ${fact.topic} fact does not fit its schema: ${why}.`))
  }
}

/** Longest value that a misfit is told with, characters. */
const TOLD_LENGTH = 80

/** The first fields that do not fit; empty where the check finds none. */
function misfit(type: avro.Type, value: unknown): string {
  const found: string[] = []
  try {
    type.isValid(value, {
      errorHook: (path, part, wanted) => {
        if (found.length < 3) found.push(`${path.join(".")} is ${told(part)}, not ${wanted}`)
      },
    })
  } catch (error) {
    // The check does arithmetic, which a bigint does not bear.
    found.push(`a field is of another type than its schema says: ${classify(error)}`)
  }
  return found.join("; ")
}

/** JSON has neither NaN nor infinities nor 64-bit integers: those are told as JavaScript writes them. */
function told(part: unknown): string {
  if (part === undefined) return "absent"
  if (typeof part === "object" && part !== null) return Array.isArray(part) ? "a list" : "an object"
  return (typeof part === "string" ? JSON.stringify(part) : String(part)).slice(0, TOLD_LENGTH)
}

/** The writer schema's id in front of a value. Fails log/undecodable: a tombstone, too short, or another wire format. */
export function schemaIdOf(topic: string, bytes: Uint8Array | null): Result<number> {
  if (bytes === null) return undecodable(`A record of ${topic} has no value.`)
  if (bytes.length < HEADER_BYTES) return undecodable(`A record of ${topic} is ${bytes.length} bytes long, too short.`)
  if (bytes[0] !== MAGIC) {
    return undecodable(
      `A record of ${topic} starts with byte ${bytes[0]}, not with 0: it is not in the Confluent format.`,
    )
  }
  return done(new DataView(bytes.buffer, bytes.byteOffset).getInt32(1))
}

/** Text of a writer schema by id, null when the log or registry knows no such id. */
export type WriterSchemas = (id: number) => string | null

/**
 * Decodes one value with its writer's schema resolved onto this version's. Never throws for bytes: fails log/undecodable
 * for a tombstone, foreign, cut or garbage bytes, an unknown id, and a schema that cannot be read as this version's.
 */
export type Decode = (topic: FactTopic, bytes: Uint8Array | null) => Result<Fact>

/** How one writer's bytes of one topic become a value. */
type Reader = (bytes: Uint8Array) => Result<unknown>

/**
 * A decoder with its own cache of resolvers, which makes it synchronous and as fast as plain Avro. Unknown ids are not
 * cached: `writerSchemas` decides how long it believes in a miss. A source that is a server away looks at
 * {@link schemaIdOf} first, fetches, and answers from memory here.
 */
export function createDecoder(writerSchemas: WriterSchemas): Decode {
  const readers = new Map(FACT_TOPICS.map((topic) => [topic, new Map<number, Reader>()] as const))
  const readerFor = (topic: FactTopic, id: number): Result<Reader> => {
    const known = readers.get(topic)?.get(id)
    if (known !== undefined) return done(known)
    const text = writerSchemas(id)
    if (text === null) return undecodable(`A record of ${topic} names schema ${id}, which nobody knows.`)
    const made = createReader(topic, id, text)
    readers.get(topic)?.set(id, made)
    return done(made)
  }
  return (topic, bytes) => {
    const id = schemaIdOf(topic, bytes)
    if (!id.ok || bytes === null) return id as Result<never>
    const reader = readerFor(topic, id.value)
    if (!reader.ok) return reader
    const value = reader.value(bytes)
    return value.ok ? done({ topic, value: value.value } as Fact) : value
  }
}

function createReader(topic: FactTopic, id: number, writerText: string): Reader {
  const type = typeFor(topic)
  const resolver = resolve(topic, id, writerText)
  if (!resolver.ok) return () => resolver
  const inBounds = boundsCheck(JSON.parse(writerText))
  return (bytes) => {
    if (!inBounds(bytes, HEADER_BYTES)) return garbage(topic, id, "the bytes are cut, damaged or followed by others")
    try {
      return done(type.fromBuffer(avroPart(bytes), resolver.value))
    } catch (error) {
      return garbage(topic, id, classify(error))
    }
  }
}

/** No resolver where the writer's schema is this version's own: twice as fast. */
function resolve(topic: FactTopic, id: number, writerText: string): Result<avro.Resolver | undefined> {
  if (writerText === ofTopic(TEXTS, topic)) return done(undefined)
  try {
    return done(typeFor(topic).createResolver(typeOf(writerText)))
  } catch (error) {
    return undecodable(`Schema ${id} cannot be read as this version's ${topic}: ${classify(error)}.`)
  }
}

/** avsc throws Errors for bytes and schemas that it cannot read; anything else is a bug and thrown again. */
function classify(error: unknown): string {
  if (error instanceof Error) return error.message
  throw error
}

const avroPart = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset + HEADER_BYTES, bytes.length - HEADER_BYTES)

const garbage = (topic: string, id: number, why: string): Result<never> =>
  undecodable(`A record of ${topic} does not hold what its schema ${id} says: ${why}.`)

const undecodable = (says: string): Result<never> => failed(failure("log/undecodable", says))
