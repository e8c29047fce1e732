import { createDecoder, currentSchemas, encodeFact } from "../src/events/codec.ts"
import type { Fact } from "../src/events/fact.ts"
import { sequence, sequenceFrame } from "../src/events/testing/sequence-facts.ts"
import { evolve, type HeldStates } from "../topology/flow/held-states.ts"
import type { SequencerState } from "../topology/sequence/sequencer.ts"
import { sequencerGroup } from "../topology/sequence/settle.ts"
import { sequencerPolicy } from "../topology/sequence/testing/policy.ts"
import { cpuSeconds } from "./processes.ts"
import { okOf } from "./report.ts"

export type Folded = {
  /** Of decoding the facts of frames and folding them. */
  readonly foldCpuSeconds: number
  /** Of settling all sequences, reports included. */
  readonly settleCpuSeconds: number
  readonly sequences: number
  readonly megabytes: number
}

/** Facts in records as the log holds them, so many at once, so that making them does not count. */
const BATCH = 10_000
const TOPIC = "sequence-frame"

const [facts = 0, framesEach = 1] = process.argv.slice(2).map(Number)

const decode = createDecoder(() => currentSchemas.get(TOPIC) ?? null)
const group = sequencerGroup(sequencerPolicy(0))
const { workflow } = group
const states = new Map<string, SequencerState>()
const held = { states, touched: new Set<string>(), deadlines: new Map<string, number>() } as HeldStates<SequencerState>

function recordOf(at: number): Buffer {
  const frame = 1001 + (at % framesEach)
  const ofShot = sequence({ folder: `shot_${Math.floor(at / framesEach)}/` })
  const { value } = sequenceFrame(frame, { sequence: ofShot })
  const picture = value.picture && { ...value.picture, sourceVersion: `version ${at}`, contentHash: hashText(at) }
  return okOf(encodeFact({ topic: TOPIC, value: { ...value, picture } } as Fact, 1))
}

const hashText = (at: number): string => at.toString(16).padStart(32, "0")

const before = process.memoryUsage().rss
let fold = 0
for (let from = 0; from < facts; from += BATCH) {
  const records = Array.from({ length: Math.min(BATCH, facts - from) }, (_, at) => recordOf(from + at))
  const begun = cpuSeconds()
  for (const record of records) {
    const fact = group.fromLog(okOf(decode(TOPIC, record)))
    if (fact === null) throw new Error("A frame is none.")
    evolve({ workflow }, held, { fact, atMs: 1 })
  }
  fold += cpuSeconds() - begun
}
const begun = cpuSeconds()
let sequences = 0
for (const state of states.values()) {
  const [settled] = workflow.decide(state, { nowMs: 1e12, knownUntilMs: 1e12 })
  if (settled?.report?.made.count === framesEach) sequences++
}
const folded: Folded = {
  foldCpuSeconds: fold,
  settleCpuSeconds: cpuSeconds() - begun,
  sequences,
  megabytes: (process.memoryUsage().rss - before) / 1e6,
}
process.stdout.write(JSON.stringify(folded))
