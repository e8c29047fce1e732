import { queueOf } from "../../deployment/queue.ts"
import type { OpenTarget } from "../../deployment/roles.ts"
import { collect, done, failed, failure, type Result } from "../../events/result.ts"
import { lookAtQueue } from "../../operations/requeue.ts"
import type { ObjectRef } from "../../store/index.ts"
import type { Table } from "../../table/index.ts"
import type { ElementRow } from "../../table/rows.ts"
import { type Call, type Command, type Ending, textOption } from "../command.ts"
import { DIR_OPTION, withRecordsOfKeys } from "../open-records.ts"
import { requeue } from "../requeue.ts"
import { badUsage } from "../terminal/io.ts"

function run(call: Call): Promise<Ending> {
  const prefix = textOption(call, "prefix")
  if (call.args.length === 0 && prefix === null)
    return Promise.resolve(badUsage(call.io, "Name the keys to render again, or --prefix."))
  return withRecordsOfKeys(call, { mode: "own", command: "reprocess" }, (opened) => {
    const rows = (table: Table) => requestedRows(call, table, { opened, prefix })
    return requeue(call, opened, { trigger: "reprocess", force: true, rows })
  })
}

async function requestedRows(
  { args, options, clock }: Call,
  table: Table,
  { opened, prefix }: { readonly opened: OpenTarget; readonly prefix: string | null },
): Promise<Result<readonly ElementRow[]>> {
  // The queue is read before the rows, so that a frame finished in between is not taken for a queued one.
  const queue = await lookAtQueue(queueOf({ log: opened.records.log, clock }))
  if (!queue.ok) return queue
  const named: ElementRow[] = []
  for (const text of args) {
    const row = await rowNamed(text, table, opened)
    if (!row.ok) return row
    named.push(row.value)
  }
  const query = prefix === null ? done(null) : objectNamed(prefix, opened)
  if (!query.ok) return query
  const { bucket, key } = query.value ?? {}
  const under = bucket === undefined ? done([]) : await collect(table.elements({ bucket, prefix: key ?? "" }))
  if (!under.ok) return under
  if (prefix !== null && under.value.length === 0)
    return failed(
      failure("source/gone", `No frame is known whose key begins with ${prefix}: \`outputs\` lists the keys.`),
    )
  const all = new Map([...named, ...under.value].map((row) => [`${row.bucket}/${row.key}`, row]))
  const there = [...all.values()].filter(({ state }) => state !== "removed")
  // Frames whose arrival is still in the log will be rendered anyway. `--force` queues them again.
  return options.force === true ? done(there) : collect(queue.value.unqueued(there.map(done)))
}

async function rowNamed(text: string, table: Table, opened: OpenTarget): Promise<Result<ElementRow>> {
  const named = objectNamed(text, opened)
  if (!named.ok) return named
  const row = await table.element(named.value.bucket, named.value.key)
  if (!row.ok) return row
  if (row.value !== null && row.value.state !== "removed") return done(row.value)
  const how =
    opened.kind === "folder"
      ? "keys are paths below the folder; `run` takes new files in"
      : "`ingest BUCKET` takes in what is there"
  const what = row.value === null ? `Nothing is known of ${text}` : `${text} was removed`
  return failed(failure("source/gone", `${what}: ${how}.`))
}

const S3_ADDRESS = /^s3:\/\/([^/]+)\/(.*)$/s

/** What a user names as an object or a prefix: s3://bucket/key, or a bare key where only one bucket can be meant. */
function objectNamed(text: string, opened: OpenTarget): Result<ObjectRef> {
  if (opened.kind === "folder") return done({ bucket: opened.installation.bucket, key: text })
  const [, bucket, key] = S3_ADDRESS.exec(text) ?? []
  if (bucket !== undefined && key !== undefined) return done({ bucket, key })
  const [only, ...others] = opened.platform.config.s3Buckets
  if (only !== undefined && others.length === 0) return done({ bucket: only, key: text })
  const says = `${text}: write s3://bucket/key, since S3_BUCKETS does not name exactly one bucket.`
  return failed(failure("config/invalid", says))
}

export const reprocess: Command = {
  details: "In a folder it works until they are done; on servers it queues them for the workers and ends.",
  parameters: [{ syntax: "[keys...]", says: "keys: paths below the folder of frames, or s3://bucket/key" }],
  options: [
    { syntax: "--prefix <prefix>", says: "all frames whose key begins so" },
    { syntax: "--force", says: "also those that wait in the queue already" },
    DIR_OPTION,
  ],
  settings: ["state", "outputs", "platform", "pictures", "shown", "colour", "tools", "work", "output"],
  examples: [
    ["reprocess sh010/beauty.1001.exr", "one frame"],
    ["reprocess --prefix sh010/", "a whole shot"],
  ],
  run,
}
