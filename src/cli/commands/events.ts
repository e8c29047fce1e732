import { didYouMean } from "../../config/nearest.ts"
import { isArrival } from "../../events/fact.ts"
import type { Result } from "../../events/result.ts"
import { type EventLog, type ReadOptions, type StoredRecord, TOPICS, type Topic } from "../../log/index.ts"
import { jsonText, visible } from "../../system/visible.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { asTheyCome } from "../observable-to-iterable.ts"
import { badUsage, endOfRows, giveUp } from "../terminal/io.ts"
import { print } from "../terminal/paced.ts"
import { inTimeOrder } from "../views/in-time-order.ts"
import { withLog } from "../with-place.ts"
import { DIR_OPTION } from "../with-records.ts"

type Asked = { readonly topics: readonly Topic[]; readonly options: ReadOptions; readonly follow: boolean }

function run(call: Call): Promise<Ending> {
  const asked = askedFor(call)
  if (typeof asked === "string") return Promise.resolve(badUsage(call.io, asked))
  return withLog(call, null, async (log) => {
    for await (const record of recordsOf(log, asked)) {
      if (call.io.closed.aborted) break
      if (!record.ok) return giveUp(call.io, record.failure)
      await print(call.io, call.options.json === true ? jsonLine(record.value) : textLine(record.value))
    }
    return endOfRows(call.io)
  })
}

/** What the command line asks for, or what is wrong with it. */
function askedFor(call: Call): Asked | string {
  const [name] = call.args
  const topics = TOPICS.filter((topic) => name === undefined || topic === name || `oiio.${topic}` === name)
  if (topics.length === 0)
    return `There is no topic ${name}.${didYouMean(name ?? "", TOPICS)} Topics: ${TOPICS.join(", ")}.`
  const start = startOf(textOption(call, "from"))
  if (start === null) return "--from takes an offset (a whole number) or a time such as 2026-04-01T12:00:00Z."
  const follow = call.options.follow === true
  return {
    topics,
    follow,
    options: { ...start, ...(follow ? { follow: AbortSignal.any([call.interrupts.drain, call.io.closed]) } : {}) },
  }
}

function startOf(from: string | null): ReadOptions | null {
  if (from === null) return {}
  if (/^\d+$/.test(from)) return { from: Number(from) }
  const sinceMs = Date.parse(from)
  return Number.isNaN(sinceMs) ? null : { sinceMs }
}

/** One topic in offset order; several in the order of time, as far as they reach; while following, as they come. */
function recordsOf(log: EventLog, { topics, options, follow }: Asked): AsyncIterable<Result<StoredRecord>> {
  const each = topics.map((topic) => log.read(topic, options))
  return follow ? asTheyCome(each) : inTimeOrder(each)
}

function jsonLine({ at, timestampMs, key, headers, content }: StoredRecord): string {
  const body =
    "fact" in content
      ? { value: content.fact.value }
      : "deadLetter" in content
        ? { deadLetter: { ...content.deadLetter, head: Buffer.from(content.deadLetter.head).toString("base64") } }
        : { undecodable: content.undecodable.failure.says }
  return `${jsonText({ ...at, timestampMs, key, headers, ...body })}\n`
}

function textLine({ at, timestampMs, content }: StoredRecord): string {
  const where = `${new Date(timestampMs).toISOString()}  ${at.topic.padEnd(19)} ${String(at.partition)}/${String(at.offset).padEnd(6)}`
  return `${where}  ${visible(saysOf(content))}\n`
}

function saysOf(content: StoredRecord["content"]): string {
  if ("undecodable" in content) return `cannot be decoded: ${content.undecodable.failure.says}`
  if ("deadLetter" in content)
    return `${content.deadLetter.at.topic}/${content.deadLetter.at.offset}: ${content.deadLetter.says}`
  const { fact } = content
  const { key } = fact.value.element
  if (isArrival(fact)) return `${key}  (${fact.value.element.trigger})`
  if (fact.topic === "colorspace-detected")
    return `${key}  ${fact.value.colorspace.name}: ${fact.value.colorspace.evidence}`
  if (fact.topic === "element-failed") return `${key}  ${fact.value.code}: ${fact.value.says}`
  if (fact.topic === "proxy-made") return `${key}  ${fact.value.proxy.key}${fact.value.reused ? "  (was current)" : ""}`
  if (fact.topic === "failure-dismissed")
    return `${key}  ${fact.value.failure?.code ?? "(forgotten)"}${fact.value.dismissedBy === null ? "" : `  by ${fact.value.dismissedBy}`}`
  if (fact.topic === "removal-reported" || fact.topic === "element-removed")
    return `${key}  (${fact.value.element.trigger})`
  if (fact.topic === "thumbnail-made") return `${key}  ${fact.value.thumbnail.key}`
  return key
}

export const events: Command = {
  parameters: [{ syntax: "[topic]", says: `one topic (default: all): ${TOPICS.join(", ")}` }],
  options: [
    { syntax: "--from <start>", says: "an offset, or a time (ISO-8601)" },
    { syntax: "--follow", says: "go on with new records as they come" },
    { syntax: "--json", says: "one JSON object a line: coordinates, headers and the whole record" },
    DIR_OPTION,
  ],
  settings: ["state", "platform"],
  examples: [
    ["events", "everything, in the order of time"],
    ["events element-failed --json", "failures with all they know"],
    ["events --follow", "what happens now, also beside a running `run --watch`"],
  ],
  run,
}
