import { Type } from "typebox"
import type { ListedOutput, OutputPlace, SequenceNames } from "../../table/pages.ts"
import type { Addresses } from "../addresses.ts"
import { cursorOf, placeIn, UNKNOWN_CURSOR } from "../cursor.ts"
import { REFUSALS, type Refusal, refuse } from "../refusal.ts"
import { cursorText, limit, NextCursor, OutputBody, text } from "../rows.ts"
import { API, type RouteGroup } from "../serving.ts"

const Query = Type.Object(
  {
    bucket: text("Bucket of the sources."),
    prefix: text("What the sources' keys begin with."),
    file_id: text("Of this version of a source."),
    asset_id: text("Of this source, in all versions."),
    sequence: text("sequence_id: outputs of its frames."),
    state: Type.Optional(Type.Enum(["current", "superseded", "removed"])),
    since: text("Made then or later, ISO-8601."),
    until: text("Made before, ISO-8601."),
    order: Type.Enum(["key", "newest"], { default: "key" }),
    limit: limit(1000),
    cursor: cursorText,
    sign: Type.Boolean({ default: false, description: "With addresses of thumbnail and proxy." }),
  },
  { additionalProperties: false },
)

const Page = Type.Object({ outputs: Type.Array(OutputBody), next_cursor: NextCursor })

const noOutput: Refusal = { status: 404, code: "output/unknown", says: "No outputs have this proxy_id." }
const noSequence: Refusal = { status: 404, code: "sequence/unknown", says: "No sequence has this sequence_id." }
const noTime: Refusal = { status: 400, code: "request/invalid", says: "since and until are times in ISO-8601." }

const placeOf = ({ s3_bucket, s3_key, generated_timestamp, proxy_id }: OutputPlace) => [
  ...[s3_bucket, s3_key, generated_timestamp, proxy_id],
]

/** A time as the column has it: undefined where none is asked for, null where it is none. */
function stampOf(time: string | undefined): string | null | undefined {
  if (time === undefined) return undefined
  const ms = Date.parse(time)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString().replace(/(\.\d{3})Z$/, "$1000+00:00")
}

export const signedOutput = async (row: ListedOutput, addresses: Addresses) => {
  const [thumbnail, proxy] = await Promise.all([
    addresses.at(row.s3_bucket, row.thumbnail_s3_key, "picture"),
    addresses.at(row.s3_bucket, row.proxy_s3_key, "movie"),
  ])
  return { ...row, urls: { thumbnail, proxy } }
}

/** Outputs of all versions of all sources, a page at a time, and one of them. */
export const outputs: RouteGroup = (app, { ports, addresses }) => {
  const schema = {
    tags: ["outputs"],
    summary: "Outputs, a page at a time",
    querystring: Query,
    response: { 200: Page, ...REFUSALS },
  }
  app.get(`${API}/outputs`, { schema }, async ({ query }, reply) => {
    const { table } = ports.opened()
    const { order, cursor, sign, ...wanted } = query
    const place = cursor === undefined ? undefined : placeIn(cursor, order, ["string", "string", "string", "string"])
    if (place === null) return refuse(reply, UNKNOWN_CURSOR)
    const [since, until] = [stampOf(query.since), stampOf(query.until)]
    if (since === null || until === null) return refuse(reply, noTime)
    let sequence: SequenceNames | undefined
    if (wanted.sequence !== undefined) {
      const found = await table.sequence(wanted.sequence)
      if (!found.ok) return refuse(reply, ports.refusal(found.failure))
      if (found.value === null) return refuse(reply, noSequence)
      sequence = found.value
    }
    const [s3_bucket, s3_key, generated_timestamp, proxy_id] = (place ?? []).map(String)
    const after = { s3_bucket, s3_key, generated_timestamp, proxy_id } as OutputPlace
    const page = await table.outputsPage({
      ...{ bucket: wanted.bucket, prefix: wanted.prefix, fileId: wanted.file_id, assetId: wanted.asset_id },
      ...{ state: wanted.state, since, until, order, limit: wanted.limit, sequence },
      after: place === undefined ? undefined : after,
    })
    if (!page.ok) return refuse(reply, ports.refusal(page.failure))
    const last = page.value.length === wanted.limit ? page.value.at(-1) : undefined
    const rows = sign ? await Promise.all(page.value.map((row) => signedOutput(row, addresses))) : [...page.value]
    return { outputs: rows, next_cursor: last === undefined ? null : cursorOf(order, placeOf(last)) }
  })

  const one = {
    tags: ["outputs"],
    summary: "One row of outputs, with addresses",
    params: Type.Object({ proxy_id: Type.String({ maxLength: 200 }) }),
    response: { 200: OutputBody, ...REFUSALS },
  }
  app.get(`${API}/outputs/:proxy_id`, { schema: one }, async ({ params }, reply) => {
    const found = await ports.opened().table.output(params.proxy_id)
    if (!found.ok) return refuse(reply, ports.refusal(found.failure))
    return found.value === null ? refuse(reply, noOutput) : signedOutput(found.value, addresses)
  })
}
