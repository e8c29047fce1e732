import type { ServerResponse } from "node:http"
import type { FastifyReply } from "fastify"
import { Type } from "typebox"
import { didYouMean } from "../../config/nearest.ts"
import { TOPICS, type Topic } from "../../log/index.ts"
import { stackOf } from "../../system/unattended.ts"
import type { EventFilter } from "../live/event.ts"
import { type EventFeed, openEventFeed } from "../live/event-feed.ts"
import type { EventStream, Sink } from "../live/event-stream.ts"
import { type Positions, readPositions } from "../live/positions.ts"
import { REFUSALS, type Refusal, refusalOf, refuse } from "../refusal.ts"
import { API, type RouteGroup } from "../serving.ts"

const Query = Type.Object({
  topics: Type.Optional(Type.String({ description: "Topics with commas between them; all without it." })),
  bucket: Type.Optional(Type.String({ description: "Only what is about objects of this bucket." })),
  prefix: Type.Optional(Type.String({ description: "Only what is about objects whose key begins so." })),
})

const Headers = Type.Object({
  "last-event-id": Type.Optional(
    Type.String({
      description: "The last id that was read: the stream goes on behind it, as EventSource does by itself.",
    }),
  ),
})

const SCHEMA = {
  tags: ["events"],
  summary: "Facts as they happen",
  description:
    "Server-sent events, for as long as they are read. `event` is the topic, or `gap` where events were left out: then load again what you show. `data` is `{topic, partition, offset, timestamp_ms, fact}`, `id` where the stream goes on from after a break.",
  querystring: Query,
  headers: Headers,
  response: { 200: Type.String({ description: "text/event-stream" }), ...REFUSALS },
}

/** One tail of the log for all who listen. Not @fastify/sse: that writes each event for each reader anew, and waits for none. */
export const events: RouteGroup = (app, { ports, metrics, logger }) => {
  const streams = metrics.gauge("oiio_serve_event_streams", "Streams of events that are open.")
  let opened: EventFeed | null = null
  const feed = (): EventFeed => {
    const { log, clock } = ports.opened()
    opened ??= openEventFeed({
      ...{ log, clock, note: ports.note },
      broken: (bug) => logger.error({ stack: stackOf(bug) }, "events could not be sent: a bug"),
    })
    return opened
  }
  app.addHook("preClose", async () => opened?.close())
  app.get(`${API}/events`, { schema: SCHEMA, exposeHeadRoute: false }, async (request, reply) => {
    const { topics: names, bucket = null, prefix = null } = request.query
    const topics = topicsOf(names)
    if (!Array.isArray(topics)) return refuse(reply, topics)
    const from = placeOf(request.headers["last-event-id"])
    if (from !== null && "status" in from) return refuse(reply, from)
    const joined = await begin(reply, feed(), { filter: { topics, bucket, prefix }, from })
    if (joined === null) streams.set(feed().streams())
    else return refuse(reply, joined)
    reply.raw.once("close", () => streams.set(feed().streams()))
    return reply
  })
}

function topicsOf(names: string | undefined): Topic[] | Refusal {
  if (names === undefined) return [...TOPICS]
  const asked = names.split(",")
  const unknown = asked.find((name) => !TOPICS.some((topic) => topic === name))
  if (unknown === undefined) return TOPICS.filter((topic) => asked.includes(topic))
  const says = `There is no topic of this name.${didYouMean(unknown, TOPICS)} Topics: ${TOPICS.join(", ")}.`
  return { status: 400, code: "events/no-such-topic", says }
}

const FOREIGN_ID: Refusal = {
  status: 400,
  code: "events/foreign-id",
  says: "This Last-Event-ID is none that a stream of this API gave: leave it out to begin with what comes now.",
}

function placeOf(id: string | undefined): Positions | Refusal | null {
  return id === undefined || id === "" ? null : (readPositions(id) ?? FOREIGN_ID)
}

/** Opens the stream as the answer; gives why that is refused. */
async function begin(
  reply: FastifyReply,
  feed: EventFeed,
  { filter, from }: { readonly filter: EventFilter; readonly from: Positions | null },
): Promise<Refusal | null> {
  const { raw } = reply
  // The head goes out with the first bytes: until then the request can be refused.
  const head = { ...reply.getHeaders(), ...EVENT_STREAM }
  const sink = sinkOf(raw, () => raw.writeHead(200, head as Record<string, string>))
  const joined = await feed.join({ filter, from, sink })
  if (!joined.ok) return refusalOf(joined.failure)
  reply.hijack()
  follow(raw, feed, joined.value)
  return null
}

const EVENT_STREAM = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // What stands before it (nginx) would gather the events of minutes.
  "x-accel-buffering": "no",
}

const sinkOf = (raw: ServerResponse, begun: () => void): Sink => ({
  write: (bytes) => {
    if (!raw.headersSent) begun()
    return raw.write(bytes)
  },
  // A reader that takes nothing would never take the end either.
  end: () => (raw.writableNeedDrain ? raw.destroy() : raw.end()),
})

function follow(raw: ServerResponse, feed: EventFeed, stream: EventStream): void {
  const leave = (): void => feed.leave(stream)
  if (raw.destroyed) leave()
  raw.on("drain", () => {
    stream.drained()
    stream.pump()
  })
  raw.once("close", leave)
  raw.once("error", leave)
}
