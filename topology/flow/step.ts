/**
 * What a group does, as data: its steps in order, and where they part. Nothing here runs; the flow runs it, and the
 * description of the topology is derived from it.
 */

import type { Fact } from "../../src/events/fact.ts"
import type { Draft } from "../../src/events/identity.ts"
import type { Failure, FailureCode, Result } from "../../src/events/result.ts"
import type { FactTopic } from "../../src/events/schemas.ts"
import type { Group } from "../groups.ts"

/** A limit of the policy that bounds how many do the same at once, whatever step of the group does it. */
export type Permit = "sourcesHeld" | "rendersInFlight" | "inspectionsInFlight"

/** One stage of a group: data about it, and its effect. */
export type Step<In, Out, Ports> = {
  readonly name: string
  readonly says: string
  /** Facts that it may append; none of them is a promise. */
  readonly appends?: readonly FactTopic[]
  /** The facts are appended together with the acknowledgement, in one transaction where the log has them. */
  readonly isClosing?: true
  /** What a try waits for, and how long it keeps that where it succeeds: until its own end, or until the acknowledgement. */
  readonly needs?: { readonly permit: Permit; readonly until: "step" | "end" }
  /**
   * A failure that only the first step waits out: what is held is given back, since others could use it meanwhile, and
   * the first step begins again.
   */
  readonly turnsBackAt?: FailureCode
  readonly run: (state: In, ports: Ports, attempt: Attempt) => Promise<Result<Stepped<Out>>>
}

/** What one try of a step may use besides its state and its ports. */
export type Attempt = {
  /** Aborts when the process gives up or the partition now belongs to another worker. */
  readonly signal: AbortSignal
  /** Gives `release` back at once where the try fails, else after the acknowledgement. */
  readonly hold: (release: Release) => void
}

export type Release = () => void | Promise<void>

export type Stepped<Out> = { readonly state: Out; readonly facts?: readonly Draft[] }

/** A step whose types only the chain knows that it stands in. */
export type AnyStep = Step<never, unknown, never>

/** Where ways part: the state's own word `on` this says which branch it takes. */
export type Fork = { readonly on: string; readonly branches: Readonly<Record<string, readonly Stage[]>> }

export type Stage = AnyStep | Fork

/** Stages of which the first takes this state; `takes` is never there, it only tells the compiler. */
export type Stages<In, Ports> = readonly Stage[] & { readonly takes?: (state: In, ports: Ports) => void }

/** Steps in order, each with the state that the one before it leaves. */
export type Chain<In, Out, Ports> = {
  readonly stages: Stages<In, Ports>
  readonly through: <Next>(step: Step<Out, Next, Ports>) => Chain<In, Next, Ports>
  /** One branch for each word that the state can say; they meet again behind the fork. */
  readonly fork: <Word extends keyof Out & string, Branches extends BranchesOf<Out, Word, Ports>>(
    on: Word,
    branches: Branches,
  ) => Chain<In, EndOf<ReturnType<Branches[keyof Branches]>>, Ports>
}

/** States of which the word is this. */
type Saying<State, Word extends keyof State, Value> = Extract<State, Readonly<Record<Word, Value>>>

type BranchesOf<State, Word extends keyof State, Ports> = {
  readonly [Value in State[Word] & string]: (
    branch: Chain<State, Saying<State, Word, Value>, Ports>,
  ) => Chain<State, unknown, Ports>
}

type EndOf<Branch> = Branch extends Chain<infer _In, infer Out, infer _Ports> ? Out : never

/** A chain of no step: what goes in comes out. */
export const chain = <State, Ports>(): Chain<State, State, Ports> => extended<State, State, Ports>([])

const extended = <In, Out, Ports>(stages: readonly Stage[]): Chain<In, Out, Ports> => ({
  stages,
  through: (step) => extended([...stages, step]),
  fork: (on, branches) => {
    const growing = branches as unknown as Readonly<Record<string, GrownBranch>>
    const grown = Object.entries(growing).map(([word, grow]) => [word, grow(extended([])).stages] as const)
    return extended([...stages, { on, branches: Object.fromEntries(grown) }])
  },
})

/** A branch whose types only the fork knows. */
type GrownBranch = (branch: Chain<never, never, never>) => { readonly stages: readonly Stage[] }

export const isFork = (stage: Stage): stage is Fork => "branches" in stage

/** A step that gave up, and why. */
export type GivenUp = { readonly step: string; readonly failure: Failure; readonly attempts: number }

/** A group that sends each fact of its topics through its steps: what the flow has to know of it. */
export type RunningGroup<State, Ports> = Group & {
  readonly stages: Stages<State, Ports>
  /** Facts with one key are worked on one after the other, each until it is acknowledged. */
  readonly keyOf: (fact: Fact) => string
  /** The state before the first step; null for a fact that this group has nothing to do with. */
  readonly begin: (fact: Fact, ports: Ports) => State | null
  /** What observers are told that the state is about; a dead letter holds all of it. */
  readonly subjectOf: (state: State) => { readonly bucket: string; readonly key: string }
  /** Is told how every way ended, whether well or not. */
  readonly note?: (state: State, ports: Ports) => void
  /** Topic of what `failed` tells. */
  readonly failsTo?: FactTopic
  /** null where no fact tells of it: whoever watches is told all the same. */
  readonly failed: (state: State, why: GivenUp, ports: Ports) => Draft | null
  /** The same state with less of what the log may have refused. */
  readonly withLess: (state: State) => State
  /** Step of the failure where the log refuses the facts that close a way. */
  readonly closingStep: string
}

/** The same, and what a run of it keeps beside its ports. */
export type FactGroup<State, Ports, Memory> = RunningGroup<State, Ports & Memory> & {
  /** `stop` aborts when nothing new is taken in any more. */
  readonly remember: (ports: Ports, stop: AbortSignal) => Memory
  /** Gives back what the memory holds, when the run is over. */
  readonly forget?: (memory: Memory) => Promise<void>
}

/** Tells a fact anew, or others because of it. Pure and quick, so that a page of facts is told in one go. */
export type Retelling<State, Ports> = Pick<Step<State, State, Ports>, "name" | "says" | "appends"> & {
  readonly tell: (state: State, ports: Ports) => readonly Draft[]
}

/** A group that does nothing but tell anew. Its keys need no lines: pages of a partition come one after the other. */
export type RetellingGroup<State, Ports, Memory> = Omit<
  FactGroup<State, Ports, Memory>,
  "stages" | "keyOf" | "note" | "forget"
> & { readonly stages: readonly [Retelling<State, Ports & Memory>] }
