import { endingsOf } from "../../config/table-folder.ts"
import { openStore, openTarget } from "../../deployment/index.ts"
import { looksBesideOf, openPicture, settingsOf } from "../../deployment/machine.ts"
import { mirroredBelow } from "../../element/output-places.ts"
import { done } from "../../events/result.ts"
import { missingRows, rowsInOrder } from "../../ingest/listing/in-order.ts"
import { scan } from "../../ingest/listing/scan.ts"
import { openLookBytes } from "../../picture/looks/look.ts"
import { visible } from "../../system/visible.ts"
import type { Table } from "../../table/index.ts"
import type { Call, Ending } from "../command.ts"
import { surroundingsOf } from "../open-records.ts"
import type { PointedAt } from "../selection.ts"
import { giveUp } from "../terminal/io.ts"
import { print } from "../terminal/streams.ts"
import { dryRunSummary, noFramesText, skippedText } from "../views/report.ts"

/** Says what `run` would render, and writes nothing: not even a state where there is none yet. */
export async function dryRun(call: Call, { installation, selection }: PointedAt): Promise<Ending> {
  const { io, clock } = call
  const target = { kind: "folder", installation } as const
  const store = await openStore(target, call)
  if (!store.ok) return giveUp(io, store.failure)
  const heldLooks = openLookBytes()
  const picture = await openPicture(installation, call, { heldLooks })
  if (!picture.ok) return giveUp(io, picture.failure)
  const opened = await openTarget(target, { mode: "read" }, surroundingsOf(call))
  if (!opened.ok && opened.failure.code !== "state/missing") return giveUp(io, opened.failure)
  const { bucket } = installation
  const rows = opened.ok ? rowsInOrder(opened.value.records.table, { bucket, prefix: selection?.prefix ?? "" }) : null
  const ports = {
    store: store.value,
    picture: picture.value,
    clock,
    settingsFor: settingsOf(installation.config),
    outputsFor: mirroredBelow(installation.outputs?.place ?? null),
    ...(await looksBesideOf(installation.config, { store: store.value, clock, heldLooks })),
    element: rows?.element ?? nothingKnown,
    append: null,
    ...(rows === null
      ? {}
      : {
          missing: missingRows(
            rows,
            async () => done(undefined),
            () => clock.nowMs(),
            selection?.has,
          ),
        }),
  }
  const report = await scan(ports, {
    ...(selection === null ? {} : { selection: selection.has }),
    ...(selection?.prefix ? { prefix: selection.prefix } : {}),
    bucket,
    endings: endingsOf(installation.config),
    signal: AbortSignal.any([call.interrupts.drain, io.closed]),
    onDecision: async (entry, { kind }) => {
      if (kind === "arrived" || kind === "already-queued") await print(io, `${visible(entry.key)}\n`)
    },
  })
  await rows?.close()
  if (opened.ok) await opened.value.records.close()
  if (!report.ok) return giveUp(io, report.failure)
  const { found, removed, unlisted } = report.value
  for (const failure of unlisted) giveUp(io, failure)
  if (io.closed.aborted) return "stopped"
  io.stderr.write(skippedText(report.value))
  io.stderr.write(
    found === 0 && removed === 0 && unlisted.length === 0
      ? `Nothing would be done: ${noFramesText(installation.config, selection, report.value)}\n`
      : `${dryRunSummary(report.value)}\n`,
  )
  return unlisted.length > 0 ? 1 : 0
}

const nothingKnown: Table["element"] = () => Promise.resolve(done(null))
