import { type Static, Type } from "typebox"
import { queueOf } from "../../deployment/queue.ts"
import { done, type Result } from "../../events/result.ts"
import { lookAtQueue, requeueRows } from "../../operations/requeue.ts"
import type { ElementRow } from "../../table/rows.ts"
import type { Opened } from "../ports.ts"
import { REFUSALS, type Refusal, refuse } from "../refusal.ts"
import { API, type RouteGroup, type Serving } from "../serving.ts"

const MOST_KEYS = 200

const Source = Type.Object({ bucket: Type.Optional(Type.String({ minLength: 1 })), key: Type.String({ minLength: 1 }) })

const CHOICE = {
  keys: Type.Optional(Type.Array(Source, { minItems: 1, maxItems: MOST_KEYS, description: "These and no others." })),
  bucket: Type.Optional(Type.String({ minLength: 1, description: "Without it the one bucket that there is." })),
  prefix: Type.Optional(Type.String({ description: "All whose key begins so; empty: all of the bucket." })),
}

const Retry = Type.Object(
  {
    ...CHOICE,
    codes: Type.Optional(
      Type.Array(Type.String(), { minItems: 1, maxItems: 100, description: "All that failed with one of these." }),
    ),
    force: Type.Optional(Type.Boolean({ description: "Render even where outputs are current." })),
  },
  { additionalProperties: false, description: "At least one of keys, prefix and codes." },
)

const Reprocess = Type.Object(
  { ...CHOICE, force: Type.Optional(Type.Boolean({ description: "Also those that wait in the queue already." })) },
  { additionalProperties: false, description: "keys or prefix." },
)

const Accepted = Type.Object({
  accepted: Type.Integer({
    description: "How many frames are queued again: as many facts, each with the name of who asked.",
  }),
  not_found: Type.Array(Type.Object({ bucket: Type.String(), key: Type.String(), says: Type.String() }), {
    description: "Which of the keys were not queued, and why.",
  }),
})

type Choice = { readonly keys?: readonly Static<typeof Source>[]; readonly bucket?: string; readonly prefix?: string }

/** What is asked for is appended to the log as facts; what comes of it is told by the events. */
export const requeue: RouteGroup = (app, serving) => {
  const { ports } = serving
  const route = (summary: string, body: typeof Retry | typeof Reprocess) => ({
    config: { access: "write" as const },
    schema: { tags: ["operations"], summary, body, response: { 202: Accepted, ...REFUSALS } },
  })
  app.post(`${API}/retry`, route("Take failed frames up again", Retry), async ({ body, visitor }, reply) => {
    const { codes, force = false, ...choice } = body as Static<typeof Retry>
    const { opened, problem } = beginning(serving, choice, codes !== undefined)
    if (problem !== null) return refuse(reply, problem)
    const chosen = await chosenRows(opened, choice, { states: ["failed"], named: ["failed", "dismissed"] })
    if (!chosen.ok) return refuse(reply, ports.refusal(chosen.failure))
    const rows = ofCodes(chosen.value.rows, codes)
    const by = { trigger: "retry", force, requestedBy: visitor?.user ?? null } as const
    const accepted = await requeueRows(opened, rows, by)
    if (!accepted.ok) return refuse(reply, ports.refusal(accepted.failure))
    return reply.code(202).send({ accepted: accepted.value, not_found: chosen.value.notFound })
  })
  app.post(`${API}/reprocess`, route("Render frames again", Reprocess), async ({ body, visitor }, reply) => {
    const { force = false, ...choice } = body as Static<typeof Reprocess>
    const { opened, problem } = beginning(serving, choice, false)
    if (problem !== null) return refuse(reply, problem)
    // The queue is read before the rows, so that a frame finished in between is not taken for a queued one.
    const queue = force ? null : await lookAtQueue(queueOf(opened))
    if (queue?.ok === false) return refuse(reply, ports.refusal(queue.failure))
    const chosen = await chosenRows(opened, choice, { states: LIVE, named: LIVE })
    if (!chosen.ok) return refuse(reply, ports.refusal(chosen.failure))
    const rows = queue === null ? chosen.value.rows : queue.value.unqueued(chosen.value.rows)
    const by = { trigger: "reprocess", force: true, requestedBy: visitor?.user ?? null } as const
    const accepted = await requeueRows(opened, rows, by)
    if (!accepted.ok) return refuse(reply, ports.refusal(accepted.failure))
    return reply.code(202).send({ accepted: accepted.value, not_found: chosen.value.notFound })
  })
}

const LIVE = ["queued", "done", "failed", "dismissed"] as const

/** Whether anything may be written here, and whether enough is said to know what. */
function beginning(
  { ports }: Serving,
  { keys, prefix, bucket }: Choice,
  isChosen: boolean,
): { readonly opened: Opened; readonly problem: Refusal | null } {
  const opened = ports.opened()
  if (opened.readOnly !== null) {
    return { opened, problem: { status: 409, code: "serve/read-only", says: opened.readOnly } }
  }
  if (keys === undefined && prefix === undefined && !isChosen) {
    const says = "Say which: keys, a prefix (empty for a whole bucket), or for a retry codes."
    return { opened, problem: { status: 400, code: "request/nothing-chosen", says } }
  }
  const isUnclear = bucket === undefined && opened.buckets.length !== 1
  const needsBucket = prefix !== undefined || keys?.some((one) => one.bucket === undefined) === true
  if (isUnclear && needsBucket) {
    const says = `Say which bucket: there are ${opened.buckets.join(", ")}.`
    return { opened, problem: { status: 400, code: "request/no-bucket", says } }
  }
  return { opened, problem: null }
}

type States = readonly ElementRow["state"][]

type ChosenRows = {
  readonly rows: AsyncIterable<Result<ElementRow>> | Iterable<Result<ElementRow>>
  readonly notFound: { readonly bucket: string; readonly key: string; readonly says: string }[]
}

/** Rows of what is chosen, in one of the states: those of named keys, or all below a prefix. */
async function chosenRows(
  { table, buckets }: Opened,
  { keys, bucket, prefix }: Choice,
  { states, named }: { readonly states: States; readonly named: States },
): Promise<Result<ChosenRows>> {
  if (keys === undefined) {
    const query = { states, ...(prefix === undefined ? {} : { prefix }) }
    const only = bucket ?? (prefix === undefined ? undefined : buckets[0])
    return done({ rows: table.elements(only === undefined ? query : { ...query, bucket: only }), notFound: [] })
  }
  const [rows, notFound]: [Result<ElementRow>[], ChosenRows["notFound"]] = [[], []]
  const refs = keys.map((one) => ({ bucket: one.bucket ?? bucket ?? buckets[0] ?? "", key: one.key }))
  const known = await table.lookUp(refs)
  if (!known.ok) return known
  for (const [index, ref] of refs.entries()) {
    const row = known.value[index]?.element ?? null
    if (row !== null && named.includes(row.state)) rows.push(done(row))
    else notFound.push({ ...ref, says: row === null ? "Nothing is known of it." : `It is ${row.state}.` })
  }
  return done({ rows, notFound })
}

async function* ofCodes(
  rows: ChosenRows["rows"],
  codes: readonly string[] | undefined,
): AsyncGenerator<Result<ElementRow>> {
  for await (const row of rows)
    if (!row.ok || codes === undefined || codes.includes(row.value.failure_code ?? "")) yield row
}
