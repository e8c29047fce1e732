import { Type } from "typebox"
import { cursorOf, placeIn, UNKNOWN_CURSOR } from "../cursor.ts"
import { REFUSALS, refuse } from "../refusal.ts"
import { cursorText, ELEMENT_COLUMNS, limit, NextCursor, text } from "../rows.ts"
import { API, type RouteGroup } from "../serving.ts"

const CHOICE = { bucket: text("Bucket of the sources."), prefix: text("What their keys begin with.") }

const Query = Type.Object(
  {
    ...CHOICE,
    code: text("Only those that failed with this code."),
    limit: limit(1_000),
    cursor: cursorText,
  },
  { additionalProperties: false },
)

const Page = Type.Object({ failures: Type.Array(Type.Object(ELEMENT_COLUMNS)), next_cursor: NextCursor })

const Codes = Type.Object({
  codes: Type.Array(Type.Object({ code: Type.String(), count: Type.Integer() }), { description: "Most first." }),
})

/** Order of the cursor: by bucket and key. */
const ORDER = "failures"

/** What failed and was not dismissed: docs/failures.md tells what each code means. */
export const failures: RouteGroup = (app, { ports }) => {
  const schema = {
    tags: ["failures"],
    summary: "Frames that failed, a page at a time",
    querystring: Query,
    response: { 200: Page, ...REFUSALS },
  }
  app.get(`${API}/failures`, { schema }, async ({ query }, reply) => {
    const { cursor, ...wanted } = query
    const place = cursor === undefined ? undefined : placeIn(cursor, ORDER, ["string", "string"])
    if (place === null) return refuse(reply, UNKNOWN_CURSOR)
    const [bucket = "", key = ""] = (place ?? []).map(String)
    const after = place === undefined ? undefined : { bucket, key }
    const page = await ports.opened().table.elementsPage({ ...wanted, states: ["failed"], after })
    if (!page.ok) return refuse(reply, ports.refusal(page.failure))
    const last = page.value.length === wanted.limit ? page.value.at(-1) : undefined
    return {
      failures: page.value.map((row) => ({ ...row })),
      next_cursor: last === undefined ? null : cursorOf(ORDER, [last.bucket, last.key]),
    }
  })
  const counted = {
    tags: ["failures"],
    summary: "How many frames failed with which code",
    querystring: Type.Object(CHOICE, { additionalProperties: false }),
    response: { 200: Codes, ...REFUSALS },
  }
  app.get(`${API}/failures/codes`, { schema: counted }, async ({ query }, reply) => {
    const counts = await ports.opened().table.failureCounts(query)
    if (!counts.ok) return refuse(reply, ports.refusal(counts.failure))
    return { codes: counts.value.map((one) => ({ ...one })) }
  })
}
