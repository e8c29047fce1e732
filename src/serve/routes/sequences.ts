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

const Params = Type.Object({ sequence_id: Type.String({ maxLength: 200 }) })

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

const noSprites: Refusal = {
  status: 404,
  code: "sequence/no-sprites",
  says: "The sequence has no sprites to scrub by: its movie is not made yet, or was made without.",
}

const Sprites = Type.Object({
  width: Type.Integer({ description: "Of a cell, pixels." }),
  height: Type.Integer({ description: "Of a cell, pixels." }),
  columns: Type.Integer(),
  rows: Type.Integer(),
  moments: Type.Array(Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }), {
    description: "First frame of the movie, counted from 0, and cell, counted by rows, for each moment in turn.",
  }),
})

const placeOf = ({ bucket, folder, head, tail, changed_at_ms }: SequenceRow) => [
  ...[bucket, folder, head, tail, changed_at_ms],
]

const named = (row: SequenceNames) => ({ name: nameOfSequence(row), version: versionOf(row) })

/** Sequences of frames, and what is known of one. */
export const sequences: RouteGroup = (app, serving) => {
  const { ports, addresses } = serving
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
    params: Params,
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
  addSprites(app, serving)
}

const addSprites: RouteGroup = (app, { ports, scrubCells }) => {
  const schema = {
    tags: ["sequences"],
    summary: "What the sheet of sprites of a sequence's movie shows, cell by cell",
    description:
      "What its cues say (`urls.vtt`), for pages that may not read them where they lie. The sheet itself is `urls.sprites`.",
    params: Params,
    response: { 200: Sprites, ...REFUSALS },
  }
  app.get(`${API}/sequences/:sequence_id/sprites`, { schema }, async ({ params }, reply) => {
    const cells = await scrubCells.of(params.sequence_id)
    if (!cells.ok) return refuse(reply, ports.refusal(cells.failure))
    if (cells.value === "unknown") return refuse(reply, noSequence)
    if (cells.value === "none") return refuse(reply, noSprites)
    const { moments, ...laidOut } = cells.value
    return { ...laidOut, moments: moments.map((moment) => [...moment]) }
  })
}
