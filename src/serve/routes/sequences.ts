import { Type } from "typebox"
import type { SequenceNames } from "../../table/pages.ts"
import type { SequenceRow } from "../../table/sequence-rows.ts"
import { cursorOf, placeIn, UNKNOWN_CURSOR } from "../cursor.ts"
import { REFUSALS, type Refusal, refuse } from "../refusal.ts"
import { cursorText, limit, NextCursor, SEQUENCE_COLUMNS, text } from "../rows.ts"
import { nameOfSequence, SequenceUrls, sequenceUrls, versionOf } from "../sequence-body.ts"
import { API, type RouteGroup } from "../serving.ts"

const { report_json: _, ...LISTED } = SEQUENCE_COLUMNS

const Named = {
  name: Type.String({ description: "Folder, head, # and tail." }),
  version: Type.Union([Type.String(), Type.Null()]),
}

const Page = Type.Object({
  sequences: Type.Array(Type.Object({ ...LISTED, ...Named, urls: SequenceUrls })),
  next_cursor: NextCursor,
})

const One = Type.Object({
  ...LISTED,
  ...Named,
  report: Type.Unknown({ description: "The integrity report as in the fact; null without one." }),
  urls: SequenceUrls,
})

const noSequence: Refusal = { status: 404, code: "sequence/unknown", says: "No sequence has this sequence_id." }

const Query = Type.Object(
  {
    bucket: text("Bucket of the frames."),
    prefix: text("What the sequence's name begins with: folder, head, # and tail."),
    state: Type.Optional(Type.Enum(["settled", "made", "failed"])),
    order: Type.Enum(["name", "newest"], { default: "name" }),
    limit: limit(500),
    cursor: cursorText,
  },
  { additionalProperties: false },
)

const placeOf = ({ bucket, folder, head, tail, changed_at_ms }: SequenceRow) => [
  ...[bucket, folder, head, tail, changed_at_ms],
]

const named = (row: SequenceNames) => ({ name: nameOfSequence(row), version: versionOf(row) })

/** Sequences of frames, and what is known of one. */
export const sequences: RouteGroup = (app, { ports, addresses }) => {
  const schema = {
    tags: ["sequences"],
    summary: "Sequences of at least two frames, a page at a time",
    querystring: Query,
    response: { 200: Page, ...REFUSALS },
  }
  app.get(`${API}/sequences`, { schema }, async ({ query }, reply) => {
    const opened = ports.opened()
    const { cursor, order, ...wanted } = query
    const place =
      cursor === undefined ? undefined : placeIn(cursor, order, ["string", "string", "string", "string", "number"])
    if (place === null) return refuse(reply, UNKNOWN_CURSOR)
    const [bucket, folder, head, tail] = (place ?? []).map(String)
    const after = { bucket, folder, head, tail, changed_at_ms: Number(place?.[4]) } as SequenceNames & {
      changed_at_ms: number
    }
    const page = await opened.table.sequencesPage({ ...wanted, order, after: place === undefined ? undefined : after })
    if (!page.ok) return refuse(reply, ports.refusal(page.failure))
    const last = page.value.length === wanted.limit ? page.value.at(-1) : undefined
    const rows = page.value.map(async (row) => ({
      ...{ ...row, ...named(row), urls: await sequenceUrls(row, opened, addresses) },
    }))
    return {
      sequences: await Promise.all(rows),
      next_cursor: last === undefined ? null : cursorOf(order, placeOf(last)),
    }
  })

  const one = {
    tags: ["sequences"],
    summary: "One sequence with its integrity report and addresses",
    params: Type.Object({ sequence_id: Type.String({ maxLength: 200 }) }),
    response: { 200: One, ...REFUSALS },
  }
  app.get(`${API}/sequences/:sequence_id`, { schema: one }, async ({ params }, reply) => {
    const opened = ports.opened()
    const found = await opened.table.sequence(params.sequence_id)
    if (!found.ok) return refuse(reply, ports.refusal(found.failure))
    if (found.value === null) return refuse(reply, noSequence)
    const { report_json: report, ...row } = found.value
    const urls = await sequenceUrls(found.value, opened, addresses)
    return { ...row, ...named(row), report: report === null ? null : (JSON.parse(report) as unknown), urls }
  })
}
