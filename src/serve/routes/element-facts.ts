import { Type } from "typebox"
import { done } from "../../events/result.ts"
import { ALL_TIMES, frameFacts, timesOf } from "../live/frame-facts.ts"
import type { Opened } from "../ports.ts"
import { REFUSALS, refusalOf, refuse } from "../refusal.ts"
import { API, type RouteGroup } from "../serving.ts"

const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

const Query = Type.Object({
  bucket: Type.String({ minLength: 1 }),
  key: Type.String({ minLength: 1 }),
  since_ms: Type.Optional(
    Type.Integer({ minimum: 0, description: "On servers: how far back is read, instead of to the last arrival." }),
  ),
})

/** A record of the log, as streams of events have it, too. */
export const EventRecord = Type.Object({
  topic: Type.String(),
  partition: Type.Integer(),
  offset: Type.Integer(),
  timestamp_ms: Type.Integer({ description: "When the log took it in." }),
  fact: maybe(
    Type.Object(
      {},
      {
        additionalProperties: true,
        description: "As its schema has it, which `oiio-proxy-generator docs events` describes.",
      },
    ),
  ),
  undecodable: Type.Optional(Type.Object({ code: Type.String(), says: Type.String() })),
})

const Attempt = Type.Object(
  {
    element_id: Type.String(),
    trigger: Type.String({ description: "What announced the arrival." }),
    attempt: Type.Integer({ description: "0 for a first arrival." }),
    arrived_at_ms: Type.Integer(),
    ended_at_ms: maybe(Type.Integer()),
    outcome: maybe(Type.Enum(["made", "reused", "failed", "removed"])),
    stages: Type.Array(Type.Object({ name: Type.String(), ms: Type.Number() }), {
      description: "Time of each stage, as the fact tells it.",
    }),
    waited_ms: maybe(
      Type.Integer({ description: "From arrival to outcome, less the work: in line, and written to the log." }),
    ),
  },
  { description: "An arrival of the source, and what it took." },
)

const Facts = Type.Object({
  facts: Type.Array(EventRecord, { description: "By time; what follows from another fact comes after it." }),
  attempts: Type.Array(Attempt),
  read: Type.Object(
    { since_ms: maybe(Type.Integer()), until_ms: maybe(Type.Integer()) },
    { description: "Which times of the log were read; null: from its beginning, up to now." },
  ),
  left_out: Type.Integer({ description: "How many older facts there are, where there are more than 2,000." }),
})

/** What the log tells of a frame, across topics. */
export const elementFacts: RouteGroup = (app, { ports }) => {
  const schema = {
    tags: ["elements"],
    summary: "The facts of a frame, in order",
    description:
      "From the log itself. A folder's log finds them by an index. On servers the key's partition of each topic is read, from a minute before the last arrival to an hour after what became of it; topics that are kept for 30 days have nothing from before.",
    querystring: Query,
    response: { 200: Facts, ...REFUSALS },
  }
  app.get(`${API}/elements/facts`, { schema }, async ({ query }, reply) => {
    const { bucket, key, since_ms: since } = query
    const times = await timesToRead(ports.opened(), query)
    if (!times.ok) return refuse(reply, refusalOf(times.failure))
    const range = since === undefined ? times.value : { ...times.value, sinceMs: since }
    const found = await frameFacts(ports.opened().log, { bucket, key }, range)
    if (!found.ok) return refuse(reply, refusalOf(found.failure))
    const { facts, attempts, leftOut } = found.value
    const read = { since_ms: range.sinceMs, until_ms: range.untilMs }
    return {
      facts: [...facts],
      attempts: attempts.map((one) => ({ ...one, stages: [...one.stages] })),
      read,
      left_out: leftOut,
    }
  })
}

async function timesToRead(
  { folder, table, clock }: Opened,
  { bucket, key }: { readonly bucket: string; readonly key: string },
) {
  if (folder !== null) return done(ALL_TIMES)
  const row = await table.element(bucket, key)
  return row.ok ? done(timesOf(row.value, clock.nowMs())) : row
}
