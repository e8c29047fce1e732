import { didYouMean } from "../../config/nearest.ts"
import { isArrival, isOfElement, type SequenceFact, subjectOf } from "../../events/fact.ts"
import type { Result } from "../../events/result.ts"
import { type EventLog, type ReadOptions, type StoredRecord, TOPICS, type Topic } from "../../log/index.ts"
import { jsonText, visible } from "../../system/visible.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { DIR_OPTION, withLog } from "../open-records.ts"
import { badUsage, endOfRows, giveUp } from "../terminal/io.ts"
import { print } from "../terminal/streams.ts"

/** The topics and the range of records that a command line asks for. */
type EventsQuery = { readonly topics: readonly Topic[]; readonly options: ReadOptions; readonly follow: boolean }

function run(call: Call): Promise<Ending> {
  const query = queryOf(call)
  if (typeof query === "string") return Promise.resolve(badUsage(call.io, query))
  return withLog(call, null, async (log) => {
    for await (const record of recordsOf(log, query)) {
      if (call.io.closed.aborted) break
      if (!record.ok) return giveUp(call.io, record.failure)
      await print(call.io, call.options.json === true ? jsonLine(record.value) : textLine(record.value))
    }
    return endOfRows(call.io)
  })
}

/** The query of a command line, or what is wrong with it. */
function queryOf(call: Call): EventsQuery | string {
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

/** Records of one topic in offset order, of several topics in order of time; with --follow in order of arrival. */
function recordsOf(log: EventLog, { topics, options, follow }: EventsQuery): AsyncIterable<Result<StoredRecord>> {
  const each = topics.map((topic) => log.read(topic, options))
  return follow ? inArrivalOrder(each) : inTimeOrder(each)
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
  const { key } = subjectOf(fact)
  if (!isOfElement(fact)) return `${key}  ${saysOfSequence(fact)}`
  if (isArrival(fact)) return `${key}  (${fact.value.element.trigger})`
  if (fact.topic === "colorspace-detected")
    return `${key}  ${fact.value.colorspace.name}: ${fact.value.colorspace.evidence}`
  if (fact.topic === "element-failed") return `${key}  ${fact.value.code}: ${fact.value.says}`
  if (fact.topic === "proxy-made") return `${key}  ${fact.value.proxy.key}${fact.value.reused ? "  (was current)" : ""}`
  if (fact.topic === "failure-dismissed")
    return `${key}  ${fact.value.failure?.code ?? "(forgotten)"}${fact.value.dismissedBy === null ? "" : `  by ${fact.value.dismissedBy}`}`
  if (fact.topic === "removal-reported" || fact.topic === "element-removed")
    return `${key}  (${fact.value.element.trigger})`
  if (fact.topic === "hint-reported") return `${key}  (${fact.value.by})`
  if (fact.topic === "thumbnail-made") return `${key}  ${fact.value.thumbnail.key}`
  return key
}

function saysOfSequence({ topic, value }: SequenceFact): string {
  if (topic === "review-made") return value.review?.key ?? `${value.failure?.code}: ${value.failure?.says}`
  if (topic === "sequence-stated") return `${value.by}: ${value.frames ?? "complete"}`
  if (topic === "sequence-frame") return `frame ${value.frame} ${value.state}`
  const frames = `${value.made}${value.failed === "" ? "" : `  failed ${value.failed}`}`
  if (topic === "sequence-settled") return `${frames}${value.missing === "" ? "" : `  missing ${value.missing}`}`
  return `${frames}  ${value.movie?.key ?? `${value.failure?.code}: ${value.failure?.says}`}`
}

/** A source whose next value was asked for. */
type Head<T> = { readonly rest: AsyncIterator<T>; readonly next: IteratorResult<T> }

const advance = async <T>(rest: AsyncIterator<T>): Promise<Head<T>> => ({ rest, next: await rest.next() })

/**
 * Values of several sources in the order in which they come. Each source is asked for one value, and for the next when
 * that one was taken, so that a slow reader holds the sources back. Ends when all have ended, and throws as they do.
 */
export async function* inArrivalOrder<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const answered: Promise<Head<T>>[] = []
  let wake = Promise.withResolvers<void>()
  const ask = (rest: AsyncIterator<T>): void => {
    const asked = advance(rest)
    const answer = (): void => {
      answered.push(asked)
      wake.resolve()
    }
    asked.then(answer, answer)
  }
  for (const source of sources) ask(source[Symbol.asyncIterator]())
  for (let open = sources.length; open > 0; ) {
    await wake.promise
    wake = Promise.withResolvers()
    for (const head of answered.splice(0)) {
      const { rest, next } = await head
      if (next.done === true) open -= 1
      else {
        yield next.value
        ask(rest)
      }
    }
  }
}

/** A topic whose next record was read. */
type TopicHead = { readonly rest: AsyncIterator<Result<StoredRecord>>; readonly next: Result<StoredRecord> }

/** Merges topics by the time at which the log took their records in, holding one record of each. Ends with the first failure. */
export async function* inTimeOrder(
  topics: readonly AsyncIterable<Result<StoredRecord>>[],
): AsyncGenerator<Result<StoredRecord>> {
  let heads = (await Promise.all(topics.map((topic) => nextRecord(topic[Symbol.asyncIterator]())))).flatMap(
    (head) => head ?? [],
  )
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a))
    yield first.next
    if (!first.next.ok) return
    const following = await nextRecord(first.rest)
    heads = heads.flatMap((head) => (head === first ? (following ?? []) : head))
  }
}

/** A failure sorts before every record, so that it ends the merge at once. */
const timeOf = ({ next }: TopicHead): number => (next.ok ? next.value.timestampMs : Number.NEGATIVE_INFINITY)

async function nextRecord(rest: AsyncIterator<Result<StoredRecord>>): Promise<TopicHead | null> {
  const { done, value } = await rest.next()
  return done === true ? null : { rest, next: value }
}

export const events: Command = {
  parameters: [{ syntax: "[topic]", says: `one topic (default: all): ${TOPICS.join(", ")}`, choices: TOPICS }],
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
