import { concatMap, defer, EMPTY, expand, from, last, type Observable, type OperatorFunction, of } from "rxjs"
import type { Fact } from "../../src/events/fact.ts"
import { type Failure, failure, isAboutOneRecord } from "../../src/events/failure.ts"
import { factIdOf } from "../../src/events/identity.ts"
import { done, type Result } from "../../src/events/result.ts"
import { latestOf } from "../../src/events/time.ts"
import type { ElementPorts, FlowPorts } from "../ports.ts"
import { buryElement } from "./dead-letter.ts"
import {
  type Arrived,
  type Failed,
  type Passage,
  releaseAll,
  type Step,
  type Stepped,
  type Underway,
  type Work,
} from "./element-in-flight.ts"
import { persist } from "./retry.ts"

/** Runs the step, appends its fact, passes the element on. One that failed earlier passes by untouched. */
export const through =
  <In extends Arrived, Out extends Arrived, Ports extends FlowPorts>(
    step: Step<In, Out, Ports>,
    ports: Ports,
  ): OperatorFunction<Passage<In>, Passage<Out>> =>
  (passages) =>
    passages.pipe(concatMap(async (passage) => (passage.kind === "failed" ? passage : advance(step, ports, passage))))

async function advance<In extends Arrived, Out extends Arrived, Ports extends FlowPorts>(
  step: Step<In, Out, Ports>,
  ports: Ports,
  passage: Underway<In>,
): Promise<Passage<Out>> {
  const begunMs = ports.clock.steadyMs()
  const run = step.run(ports)
  const work: Work = { signal: passage.signal, hold: (release) => passage.held.push(release) }
  const waiting = waitingApart(passage)
  const attempt = async (): Promise<Result<Stepped<Out> | Failure>> => {
    const result = await run(passage.state, work)
    if (!result.ok && result.failure.code === step.turnsBackAt) return done(result.failure)
    waiting.after(result)
    return result
  }
  const { result, attempts } = await persist(step.name, attempt, ports, passage.signal)
  waiting.over()
  const problem = !result.ok ? result.failure : "code" in result.value ? result.value : null
  ports.observe({ kind: "step", step: step.name, ms: ports.clock.steadyMs() - begunMs, ok: problem === null })
  if (problem !== null) return gaveUp(passage, step.name, { failure: problem, attempts })
  const stepped = (result as { readonly value: Stepped<Out> }).value
  return step.closing ? withClosing(passage, stepped) : record(step.name, ports, passage, stepped)
}

/** Who waits for the right to write beside an element waits for its directory: elements of others go on meanwhile. */
function waitingApart({ setAside }: Pick<Underway<Arrived>, "setAside">) {
  let takeUp: (() => void) | null = null
  const over = (): void => {
    takeUp?.()
    takeUp = null
  }
  const after = (result: Result<unknown>): void => {
    if (result.ok || result.failure.code !== "store/read-only") over()
    else takeUp ??= setAside(result.failure)
  }
  return { after, over }
}

const withClosing = <In, Out>(passage: Underway<In>, { state, fact }: Stepped<Out>): Passage<Out> => ({
  ...passage,
  state,
  closing: fact === null ? passage.closing : [...passage.closing, fact],
})

/** The fact is in the log before the next step begins: what a later failure tells is never ahead of its causes. */
async function record<In extends Arrived, Out extends Arrived>(
  name: string,
  ports: FlowPorts,
  passage: Underway<In>,
  { state, fact }: Stepped<Out>,
): Promise<Passage<Out>> {
  if (fact === null) return { ...passage, state }
  const { result, attempts } = await persist(`${name}: append`, () => ports.log.append([fact]), ports, passage.signal)
  return result.ok ? { ...passage, state } : gaveUp(passage, name, { failure: result.failure, attempts })
}

const gaveUp = (passage: Underway<Arrived>, step: string, why: Pick<Failed, "failure" | "attempts">): Failed => {
  const { state, ...journey } = passage
  return { ...journey, kind: "failed", at: state, step, ...why }
}

/**
 * A source that changed underneath sends its element back to the start, at most `times` times; after that the failure stands.
 * So does a folder that turned out to be read-only, as often as it does: the start waits for it. What the first try held is
 * given back first.
 */
export const startingAgain =
  <In extends Arrived, Out extends Arrived>(times: number, way: OperatorFunction<Passage<In>, Passage<Out>>) =>
  (start: Underway<In>): Observable<Passage<Out>> =>
    defer(() => {
      let changes = 0
      const mayStartAgain = ({ failure: { code } }: Failed): boolean =>
        code === "store/read-only" || (code === "source/changed" && changes++ < times)
      return of(start).pipe(
        way,
        expand((passage) =>
          passage.kind === "failed" && mayStartAgain(passage)
            ? from(releaseAll(passage)).pipe(concatMap(() => of(start).pipe(way)))
            : EMPTY,
        ),
        last(),
      )
    })

/** Turns an element that was given up into its ElementFailed fact; one that was merely interrupted stays unacknowledged. */
export const branchFailures =
  <S extends Arrived>(ports: ElementPorts): OperatorFunction<Passage<S>, Passage<S>> =>
  (passages) =>
    passages.pipe(
      concatMap((passage) => {
        if (passage.kind !== "failed" || isInterruption(passage)) return of(passage)
        const { bucket, key } = passage.at.element
        ports.observe({ kind: "failed", step: passage.step, failure: passage.failure, bucket, key })
        return of({ ...passage, closing: [failedFact(passage, ports)] })
      }),
    )

const isInterruption = ({ failure: { code } }: Failed): boolean => code === "stopped" || code === "log/lost-ownership"

function failedFact({ at, step, failure: { code, kind, says }, attempts }: Failed, ports: ElementPorts): Fact {
  const nowMs = ports.store.nowMs()
  return {
    topic: "element-failed",
    value: {
      factId: factIdOf("element-failed", at.element.elementId, at.source?.sourceVersion ?? "", step),
      causationId: at.causationId,
      recordedAtMs: nowMs,
      element: at.element,
      source: at.source,
      renderKey: at.renderKey,
      stage: step,
      code,
      kind,
      says,
      attempts,
      failedAtUs: nowMs * 1000,
      generatorVersion: ports.policy.generatorVersion,
      // What was not found was looked for all the same.
      logicalTimeMs: at.source === null ? latestOf(at.logicalTimeMs, nowMs) : at.logicalTimeMs,
    },
  }
}

/**
 * Appends the closing facts and counts the arrival as done; gives back whatever the element held. Where the log refuses
 * the facts, `stage` is where the element failed.
 */
export const acknowledged =
  <S extends Arrived>(ports: ElementPorts, stage: string): OperatorFunction<Passage<S>, "finished" | "dropped"> =>
  (passages) =>
    passages.pipe(concatMap((passage) => settle(passage, ports, stage)))

async function settle<S extends Arrived>(
  passage: Passage<S>,
  ports: ElementPorts,
  stage: string,
): Promise<"finished" | "dropped"> {
  await releaseAll(passage)
  if (passage.kind === "failed" && isInterruption(passage)) return "dropped"
  const { result } = await persist(
    "acknowledge",
    () => passage.delivery.acknowledge(passage.closing),
    ports,
    passage.signal,
  )
  if (result.ok) return "finished"
  if (result.failure.code === "stopped" || result.failure.code === "log/lost-ownership") return "dropped"
  // A fact that the log refuses for good must not stop the group, nor vanish: the failure about it takes its place.
  return settleRefused(passage, ports, { stage, refusal: result.failure })
}

/**
 * What is told instead, ever less until the log can write it: the failure with all that is known of the source, without
 * it, and at last a dead letter with the element as JSON. So whatever an element is about, its group goes on.
 */
async function settleRefused<S extends Arrived>(
  passage: Passage<S>,
  ports: ElementPorts,
  { stage, refusal }: { readonly stage: string; readonly refusal: Failure },
): Promise<"finished" | "dropped"> {
  const at = passage.kind === "failed" ? passage.at : passage.state
  const why = failure(
    isAboutOneRecord(refusal) ? refusal.code : "log/refused",
    `The log cannot hold the facts of ${at.element.key.slice(0, MOST_KEY_TOLD)}: ${refusal.says}`,
  )
  const telling = (told: Arrived): Fact =>
    failedFact({ ...passage, kind: "failed", at: told, step: stage, failure: why, attempts: 1 } as Failed, ports)
  const acknowledging = (facts: readonly Fact[]) =>
    persist("acknowledge", () => passage.delivery.acknowledge(facts), ports, passage.signal)
  for (const told of [at, { ...at, source: null, renderKey: null }]) {
    const { result } = await acknowledging([telling(told)])
    if (result.ok) {
      const { bucket, key } = at.element
      if (passage.kind === "underway") ports.observe({ kind: "failed", step: stage, failure: why, bucket, key })
      return "finished"
    }
    if (!isAboutOneRecord(result.failure)) return "dropped"
  }
  const isBuried = await buryElement(passage.delivery, { element: at.element, says: why.says }, ports, passage.signal)
  return isBuried ? "finished" : "dropped"
}

/** Characters of a key that a failure about it quotes. */
const MOST_KEY_TOLD = 1024
