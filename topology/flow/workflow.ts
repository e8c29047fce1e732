// A stage with a memory: what it knows of each key is a fold of facts, and what it says follows from that and from time.

import type { Fact } from "../../src/events/fact.ts"
import type { Topic } from "../../src/log/index.ts"
import type { Group } from "../groups.ts"

/** A fact, and when the log took it in, epoch milliseconds. */
export type Recorded<F> = { readonly fact: F; readonly atMs: number }

/**
 * Time passes: a question whether anything is to be said now. Whoever asks has read all that concerns the key and was
 * recorded before `knownUntilMs`; what came later may be missing, as long as a stage before this one lags.
 */
export type Tick = { readonly nowMs: number; readonly knownUntilMs: number }

/**
 * Pure: no I/O, no clock, nothing random. Facts come at least once, in no order across topics, so `evolve` must give the
 * same state however they are shuffled and repeated; then duplicates, replays and two owners for a while change nothing.
 */
export type Workflow<State, In, Out> = {
  /** What a fact is about. Facts of one key are folded into one state, by one owner. */
  readonly keyOf: (fact: In | Out) => string
  /** What is known before the first fact. Plain data, as a structured clone takes it: states that nobody asks for are on disk. */
  readonly initial: (key: string) => State
  /** Bytes that a state takes in memory, about. */
  readonly bytesOf: (state: State) => number
  /**
   * Takes a fact in, one of its own included, so that it knows what it has said. It may change the state that it is given,
   * which nobody else holds, and give it back.
   */
  readonly evolve: (state: State, recorded: Recorded<In | Out>) => State
  /** What follows from the state at a tick; the same facts as long as nothing changes. */
  readonly decide: (state: State, tick: Tick) => readonly Out[]
  /**
   * The moment from which a tick may find something to say, epoch milliseconds; derived from the state, never stored. null
   * where only a fact can change that.
   */
  readonly deadlineOf: (state: State) => number | null
}

/** A workflow in a deployment: where its facts come from, and where they go. */
export type WorkflowGroup<State, In, Out> = Omit<Group, "consumes"> & {
  readonly workflow: Workflow<State, In, Out>
  readonly consumes: readonly [Topic]
  /** Topics with the same keys, partitioned like it, that are read before each tick: what comes there brings no frames. */
  readonly beside: readonly Topic[]
  /** Topics of its own facts, partitioned like the one that it consumes: it reads them when it is given a partition. */
  readonly emits: readonly Topic[]
  /** Groups whose facts it lives on: while one lags, what they have not read yet is not known here. */
  readonly after: readonly string[]
  readonly tickMs: number
  /** What a fact of the log is to the workflow; null where it is none of its business. */
  readonly fromLog: (fact: Fact) => In | Out | null
  readonly toLog: (said: Out, nowMs: number) => Fact
}
