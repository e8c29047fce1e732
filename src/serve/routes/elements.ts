import { Type } from "typebox"
import { REFUSALS, type Refusal, refuse } from "../refusal.ts"
import { ELEMENT_COLUMNS, OutputBody, urlsBody } from "../rows.ts"
import { API, type RouteGroup } from "../serving.ts"
import { signedOutput } from "./outputs.ts"

const Query = Type.Object(
  { bucket: Type.String({ maxLength: 2048 }), key: Type.String({ maxLength: 2048 }) },
  { additionalProperties: false },
)

const Found = Type.Object({
  element: Type.Union([Type.Object(ELEMENT_COLUMNS), Type.Null()]),
  outputs: Type.Array(OutputBody, { description: "Of all versions, the latest first; at most 100." }),
  urls: urlsBody("thumbnail", "proxy", "source"),
  inspection: Type.Unknown({
    description: "Rows of files, parts, channels and attributes about the header; null where it was not read.",
  }),
})

const unknown: Refusal = { status: 404, code: "element/unknown", says: "Nothing is known of this source." }

const MOST_VERSIONS = 100

/** All that is known of one source. */
export const elements: RouteGroup = (app, { ports, addresses }) => {
  const schema = {
    tags: ["elements"],
    summary: "One source: its row, its outputs, its header, with addresses",
    querystring: Query,
    response: { 200: Found, ...REFUSALS },
  }
  app.get(`${API}/elements`, { schema }, async ({ query: { bucket, key } }, reply) => {
    const { table, config } = ports.opened()
    const known = await table.lookUp([{ bucket, key }])
    if (!known.ok) return refuse(reply, ports.refusal(known.failure))
    const { element = null, output = null } = known.value[0] ?? {}
    if (element === null && output === null) return refuse(reply, unknown)
    const assetId = output?.asset_id
    const made = await table.outputsPage({ bucket, prefix: key, assetId, order: "newest", limit: MOST_VERSIONS })
    if (!made.ok) return refuse(reply, ports.refusal(made.failure))
    const rows = made.value.filter(({ s3_key }) => s3_key === key)
    const fileId = element?.file_id ?? output?.file_id ?? null
    const inspection = fileId === null ? null : await table.inspection(bucket, fileId)
    if (inspection?.ok === false) return refuse(reply, ports.refusal(inspection.failure))
    const shown = rows.find(({ state }) => state === "current")
    const urls = shown === undefined ? {} : (await signedOutput(shown, addresses)).urls
    const source = config.serveSources ? { source: await addresses.of({ bucket, key }, "movie") } : {}
    return { element, outputs: [...rows], urls: { ...urls, ...source }, inspection: inspection?.value ?? null }
  })
}
