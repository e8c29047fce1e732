import { type Prunable, type PrunePorts, prunable, prune as pruneOne } from "../../../topology/project/prune.ts"
import { rebuildTables } from "../../../topology/project/rebuild.ts"
import { openStore } from "../../deployment/index.ts"
import { platformOutputs } from "../../deployment/outputs-elsewhere.ts"
import type { OpenTarget } from "../../deployment/roles.ts"
import { generatorVersion } from "../../deployment/version.ts"
import { mirroredBelow, type OutputsBase } from "../../element/output-places.ts"
import { sequenceKeyOf } from "../../events/fact.ts"
import { done, type Result } from "../../events/result.ts"
import type { ObjectStore } from "../../store/index.ts"
import { jsonText, visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { Call, Command, Ending } from "../command.ts"
import { bucketOf, DIR_ALIAS, DIR_PARAMETER, withRecords } from "../open-records.ts"
import { cannotStart, giveUp } from "../terminal/io.ts"
import { print } from "../terminal/streams.ts"
import { counted } from "../views/human.ts"

const rebuildRecords = (call: Call): Promise<Ending> =>
  withRecords(call, call.args[0] ?? null, { mode: "own", command: "rebuild" }, async ({ records: { log, table } }) => {
    const { io, options } = call
    const rebuilt = await rebuildTables({ log, table })
    if (!rebuilt.ok) return giveUp(io, rebuilt.failure)
    const { facts, rows, missing, different, orphaned } = rebuilt.value
    if (options.json === true) io.stdout.write(`${JSON.stringify(rebuilt.value)}\n`)
    else {
      io.stdout.write(
        `${counted(rows, "row")} rebuilt from ${counted(facts, "fact")}: ${missing} were missing, ${different} were different, ${orphaned} had no fact behind them.\n`,
      )
    }
    return 0
  })

export const rebuild: Command = {
  details:
    "The new tables are built beside the old ones and put in their place at once; on servers they are merged into the live ones, while the projector carries on. Nobody is notified.",
  parameters: [DIR_PARAMETER],
  options: [{ syntax: "--json", says: "the report as one JSON object" }, DIR_ALIAS],
  settings: ["state", "platform"],
  examples: [["rebuild shots/", "also says what was wrong with the old tables"]],
  run: rebuildRecords,
}

const pruneRecords = (call: Call): Promise<Ending> => {
  const access = call.options.yes === true ? ({ mode: "own", command: "prune" } as const) : ({ mode: "read" } as const)
  return withRecords(call, call.args[0] ?? null, access, async (opened) => {
    const store = await openStore(opened, call)
    if (!store.ok) return cannotStart(call.io, store.failure)
    try {
      return await pruneAll(call, opened, store.value)
    } finally {
      await store.value.close()
    }
  })
}

/** Never null because of a wrong setting: that would have failed the opening of the store before. */
function outputsBaseOf({ platform }: Extract<OpenTarget, { kind: "platform" }>): OutputsBase | null {
  const outputs = platformOutputs(platform.config)
  return outputs.ok ? outputs.value : null
}

type Tally = { outputs: number; bytes: number; failures: number; kept: number; broken: number }

async function pruneAll(call: Call, opened: OpenTarget, store: ObjectStore): Promise<Ending> {
  const { io, options, interrupts } = call
  const { table, log } = opened.records
  const outputs = opened.kind === "folder" ? opened.installation.outputs?.place : outputsBaseOf(opened)
  const outputsFor = mirroredBelow(outputs ?? null)
  const ports: PrunePorts = { store, table, log, outputsFor, generatorVersion: generatorVersion() }
  const bucket = bucketOf(opened)
  const tally: Tally = { outputs: 0, bytes: 0, failures: 0, kept: 0, broken: 0 }
  for await (const found of prunable(ports, bucket === undefined ? {} : { bucket })) {
    if (interrupts.drain.aborted || io.closed.aborted) break
    const pruned = found.ok && options.yes === true ? await pruneOne(ports, found.value) : found
    const problem = pruned.ok ? null : pruned.failure
    if (problem?.kind === "outage") return giveUp(io, problem)
    if (problem !== null) {
      giveUp(io, problem)
      tally.broken += 1
    } else if (pruned.ok && pruned.value === false) tally.kept += 1
    else if (found.ok) await reportOne(call, tally, found.value)
  }
  const tables = await leftoversOf(call, table)
  if (!tables.ok) return giveUp(io, tables.failure)
  io.stderr.write(`${summary(tally, tables.value.length, options.yes === true)}\n`)
  if (interrupts.drain.aborted) return "stopped"
  return tally.broken > 0 ? 1 : 0
}

/** Prints one line per output or failure, whether it was pruned or would be, and counts it. */
async function reportOne({ io, options }: Call, tally: Tally, one: Prunable): Promise<void> {
  if (one.kind !== "failure") {
    tally.outputs += 1
    tally.bytes += one.output.sizeBytes
  } else tally.failures += 1
  await print(io, options.json === true ? `${jsonText(asJson(one))}\n` : `${asText(one)}\n`)
}

const asJson = (one: Prunable) =>
  one.kind !== "failure"
    ? {
        what: "output",
        bucket: one.output.bucket,
        key: one.output.key,
        sizeBytes: one.output.sizeBytes,
        source: one.kind === "output" ? one.source.key : sequenceKeyOf(one.sequence),
      }
    : { what: "failure", bucket: one.row.bucket, key: one.row.key, code: one.row.failure_code }

const asText = (one: Prunable): string =>
  one.kind !== "failure"
    ? visible(`output   s3://${one.output.bucket}/${one.output.key}`)
    : visible(`failure  s3://${one.row.bucket}/${one.row.key}  ${one.row.failure_code}`)

async function leftoversOf({ io, options }: Call, table: Table): Promise<Result<readonly string[]>> {
  const tables = options.yes === true ? await table.dropLeftovers() : await table.leftovers()
  if (!tables.ok) return tables
  for (const name of tables.value)
    io.stdout.write(options.json === true ? `${jsonText({ what: "table", name })}\n` : `table    ${visible(name)}\n`)
  return done(tables.value)
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

function summary({ outputs, bytes, failures, kept }: Tally, tables: number, isDone: boolean): string {
  const [deleted, taken, dropped] = isDone ? ["Deleted", "took", "dropped"] : ["Would delete", "take", "drop"]
  if (outputs + failures + tables + kept === 0) return "Nothing to prune."
  const said = `${deleted} ${counted(outputs, "output")} of sources that are gone (${megabytes(bytes)}), ${taken} ${counted(failures, "failure")} of such sources or dismissed off the list, ${dropped} ${counted(tables, "table")} of dead rebuilds.`
  if (!isDone) return `${said} --yes does it.`
  return kept === 0 ? said : `${said} ${kept} came back meanwhile and stayed.`
}

export const prune: Command = {
  details:
    "Outputs whose source is gone, failures of such sources, dismissed failures (`failures list --all` no longer shows them; what was dismissed stays left alone), tables of rebuilds that died. A source is gone when HEAD finds nothing under its key, asked again before each deletion; an output is ours when its own metadata says that we made it of that source. Nothing outside .proxies/ is ever deleted, and no other command deletes outputs.",
  parameters: [DIR_PARAMETER],
  options: [
    { syntax: "--yes", says: "do it; without it nothing is changed" },
    { syntax: "--json", says: "one object a line" },
    DIR_ALIAS,
  ],
  settings: ["state", "outputs", "platform"],
  examples: [
    ["prune shots/", "what would go"],
    ["prune shots/ --yes", "deletes it"],
  ],
  run: pruneRecords,
}
