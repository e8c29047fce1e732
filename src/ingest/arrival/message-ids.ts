import type { Envelope } from "./envelope.ts"
import { fieldOf, isCarriable, scalarText } from "./json.ts"
import type { Announced } from "./message.ts"

type Ids = Pick<Announced, "assetId" | "jobId" | "projectId" | "shotId" | "traceparent" | "tracestate">

/** Where an id may stand: in the data, or as an extension, which cannot have an underscore by the letter of CloudEvents. */
const PASSED_ON = { assetId: "asset_id", jobId: "job_id", projectId: "project_id", shotId: "shot_id" } as const

/** W3C trace context, version 00 and whatever keeps its form. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

/** The ids that a message passes through, or what is wrong with one: changed, it would join with nothing. */
export function messageIds(envelope: Envelope, mostBytes: number): Ids | { readonly problem: string } {
  const found = Object.values(PASSED_ON).map((name) => [name, idIn(envelope, name)] as const)
  const bad = found.find(([, id]) => id !== null && !isCarriable(id, mostBytes))
  if (bad !== undefined)
    return { problem: `The message's ${bad[0]} is no id: too long, or with characters that none has.` }
  const ids = new Map(found)
  return {
    assetId: ids.get(PASSED_ON.assetId) ?? null,
    jobId: ids.get(PASSED_ON.jobId) ?? null,
    projectId: ids.get(PASSED_ON.projectId) ?? null,
    shotId: ids.get(PASSED_ON.shotId) ?? null,
    ...traceOf(envelope.attributes, mostBytes),
  }
}

const idIn = ({ attributes, data }: Envelope, name: string): string | null =>
  attributes.get(name) || attributes.get(name.replace("_", "")) || scalarText(fieldOf(data, name))

/** A trace that is not in order is left out, as W3C says. */
function traceOf(attributes: Envelope["attributes"], mostBytes: number): Pick<Ids, "traceparent" | "tracestate"> {
  const traceparent = attributes.get("traceparent") ?? ""
  if (!TRACEPARENT.test(traceparent) || !isCarriable(traceparent, mostBytes))
    return { traceparent: null, tracestate: null }
  const tracestate = attributes.get("tracestate") ?? ""
  return { traceparent, tracestate: tracestate !== "" && isCarriable(tracestate, mostBytes) ? tracestate : null }
}
