import { type Static, Type } from "typebox"
import { splitBucketAndKey } from "../../element/key.ts"
import type { KnownSource, SourceRef } from "../../table/pages.ts"
import type { Addresses } from "../addresses.ts"
import { REFUSALS, refuse } from "../refusal.ts"
import { AddressBody } from "../rows.ts"
import { API, type RouteGroup } from "../serving.ts"

const MOST_SOURCES = 200

const Source = Type.String({
  pattern: "^s3://[^/]+/[\\s\\S]+$",
  maxLength: 2048,
  description: "`s3://bucket/key` of a source, the key as it is, not percent-encoded.",
})

const States = ["done", "queued", "failed", "removed", "unknown"] as const

const Found = Type.Object({
  source: Type.String(),
  state: Type.Enum([...States], { description: "queued and failed: addresses are those of pictures made before." }),
  thumbnail: AddressBody,
  proxy: AddressBody,
  failure: Type.Optional(Type.Object({ code: Type.String(), says: Type.String() })),
})

type Answer = Static<typeof Found>

const refOf = (source: string): SourceRef => splitBucketAndKey(source.slice("s3://".length)) ?? { bucket: "", key: "" }

function stateOf({ element, output }: KnownSource): (typeof States)[number] {
  if (element === null) return output === null ? "unknown" : "done"
  return element.state === "dismissed" ? "failed" : element.state
}

async function answerOf(source: string, known: KnownSource, addresses: Addresses): Promise<Answer> {
  const { element, output } = known
  const state = stateOf(known)
  const shown = state === "removed" ? null : output
  const [thumbnail, proxy] =
    shown === null
      ? [null, null]
      : await Promise.all([
          addresses.at(shown.s3_bucket, shown.thumbnail_s3_key, "picture"),
          addresses.at(shown.s3_bucket, shown.proxy_s3_key, "movie"),
        ])
  const code = element?.failure_code ?? null
  const failure = code === null ? {} : { failure: { code, says: element?.failure_says ?? "" } }
  return { source, state, thumbnail, proxy, ...failure }
}

/** What is known of sources by their names: one, or many at once. */
export const lookup: RouteGroup = (app, { ports, addresses }) => {
  const one = {
    tags: ["outputs"],
    summary: "What is known of one source, with addresses",
    querystring: Type.Object({ source: Source }, { additionalProperties: false }),
    response: { 200: Found, ...REFUSALS },
  }
  app.get(`${API}/lookup`, { schema: one }, async ({ query: { source } }, reply) => {
    const found = await ports.opened().table.lookUp([refOf(source)])
    if (!found.ok) return refuse(reply, ports.refusal(found.failure))
    return answerOf(source, found.value[0] ?? { element: null, output: null }, addresses)
  })

  const many = {
    tags: ["outputs"],
    summary: "What is known of up to 200 sources, in their order",
    body: Type.Object({ sources: Type.Array(Source, { maxItems: MOST_SOURCES }) }, { additionalProperties: false }),
    response: { 200: Type.Object({ results: Type.Array(Found) }), ...REFUSALS },
  }
  // It reads, by POST alone because of its length.
  app.post(`${API}/lookup`, { schema: many }, async ({ body: { sources } }, reply) => {
    const found = await ports.opened().table.lookUp(sources.map(refOf))
    if (!found.ok) return refuse(reply, ports.refusal(found.failure))
    const known = found.value
    const results = sources.map((source, index) =>
      answerOf(source, known[index] ?? { element: null, output: null }, addresses),
    )
    return { results: await Promise.all(results) }
  })
}
