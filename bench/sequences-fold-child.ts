import { tmpdir } from "node:os"
import { setImmediate as nextTurn } from "node:timers/promises"
import type { Fact } from "../src/events/fact.ts"
import { sequence, sequenceFrame } from "../src/events/testing/sequence-facts.ts"
import type { EventLog } from "../src/log/index.ts"
import { openMemoryLog } from "../src/log/memory.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { openState } from "../src/state/index.ts"
import { systemClock } from "../src/system/clock.ts"
import { runWorkflow } from "../topology/flow/run-workflow.ts"
import { sequencerGroup } from "../topology/sequence/settle.ts"
import { sequencerPolicy } from "../topology/sequence/testing/policy.ts"
import { policy } from "./policy.ts"
import { cpuSeconds } from "./processes.ts"
import { okOf } from "./report.ts"

export type Folded = {
  /** From the start of the workflow until every sequence is settled, reports included. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly sequences: number
  /** The most that was resident at any time, beyond what was before the first fact was read. */
  readonly megabytes: number
}

const AT_ONCE = 2000
const SAMPLED_EVERY_MS = 20
/** As the command has it. */
const MEMORY_BYTES = 32 * 2 ** 20

const [what = "", folder = "", count = "", each = ""] = process.argv.slice(2)
const [facts, framesEach] = [Number(count), Number(each)]

function factOf(at: number): Fact {
  const frame = 1001 + (at % framesEach)
  const ofShot = sequence({ folder: `shot_${Math.floor(at / framesEach)}/` })
  const { value } = sequenceFrame(frame, { sequence: ofShot })
  const picture = value.picture && { ...value.picture, sourceVersion: `version ${at}`, contentHash: hashText(at) }
  return { topic: "sequence-frame", value: { ...value, picture } }
}

const hashText = (at: number): string => at.toString(16).padStart(32, "0")

async function write(log: EventLog): Promise<void> {
  for (let from = 0; from < facts; from += AT_ONCE) {
    okOf(await log.append(Array.from({ length: Math.min(AT_ONCE, facts - from) }, (_, at) => factOf(from + at))))
    await nextTurn()
  }
}

async function fold(log: EventLog): Promise<Folded> {
  const group = { ...sequencerGroup(sequencerPolicy(0)), after: [], tickMs: 5 }
  const [answered, enough] = [Promise.withResolvers<void>(), new AbortController()]
  const before = process.memoryUsage().rss
  let most = before
  const sampled = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, SAMPLED_EVERY_MS)
  const begun = { cpu: cpuSeconds(), ms: performance.now() }
  const spill = { folder: tmpdir(), mostBytes: MEMORY_BYTES }
  const ports = { log, clock: systemClock, random: Math.random, policy, observe: () => undefined, spill }
  const running = runWorkflow(group, ports, { stop: enough.signal, abort: enough.signal }, answered.resolve)
  await Promise.race([answered.promise, running])
  const spent = { cpu: cpuSeconds() - begun.cpu, ms: performance.now() - begun.ms }
  clearInterval(sampled)
  enough.abort()
  await running
  const ends = okOf(await log.ends(["sequence-settled"]))
  const megabytes = (most - before) / 1e6
  return { cpuSeconds: spent.cpu, wallSeconds: spent.ms / 1000, sequences: ends[0]?.offset ?? 0, megabytes }
}

if (what === "memory") {
  const log = openMemoryLog({ clock: systemClock })
  await write(log)
  process.stdout.write(JSON.stringify(await fold(log)))
} else {
  const state = okOf(await openState({ folder, mode: "own", clock: systemClock }))
  const log = okOf(await openSqliteLog({ state, clock: systemClock }))
  if (what === "write") await write(log)
  else process.stdout.write(JSON.stringify(await fold(log)))
  state.close()
}
