import { humanDuration } from "../../cli/views/human.ts"
import { visible } from "../../system/visible.ts"
import { type Attempt, costOf, type FactTold, type Moment, spentOn, timelineOf } from "../timeline.ts"

type TimelineProps = { readonly facts: readonly FactTold[]; readonly attempts: readonly Attempt[] }

/** What happened to a source, in order, what each stage of its render took, and what came of each of its arrivals. */
export function Timeline({ facts, attempts }: TimelineProps) {
  const moments = timelineOf(facts)
  const costs = costOf(facts)
  return (
    <section class="timeline">
      <h2>Facts</h2>
      <div class="axis" aria-hidden="true">
        {moments.map(({ place, told }, at) => (
          <span key={`${at}`} class={kindOf(told)} style={{ left: `${place * 100}%` }} />
        ))}
      </div>
      <ol>
        {moments.map((moment, at) => (
          <Line key={`${at}`} moment={moment} isFirst={at === 0} />
        ))}
      </ol>
      {costs.length === 0 ? null : <Costs costs={costs} />}
      {attempts.length === 0 ? null : <Attempts attempts={attempts} />}
    </section>
  )
}

function kindOf({ topic }: FactTold): string {
  if (topic.endsWith("failed")) return "bad"
  return topic.endsWith("made") ? "made" : ""
}

function Line({ moment, isFirst }: { readonly moment: Moment; readonly isFirst: boolean }) {
  const { told, afterMs, isSqueezed } = moment
  const { topic, partition, offset, timestamp_ms, fact } = told
  return (
    <li class={`${kindOf(told)}${isSqueezed ? " squeezed" : ""}`}>
      <span class="after">{isFirst ? "" : `+${humanDuration(afterMs)}`}</span>
      <details>
        <summary>
          <b>{visible(topic)}</b> <span class="dim">{saysOf(told)}</span>
        </summary>
        <p class="dim">
          {new Date(timestamp_ms).toISOString()} · partition {partition}, offset {offset}
        </p>
        {/* Wherever it scrolls, keys scroll it. */}
        <pre ref={(element) => element?.setAttribute("tabindex", "0")}>{JSON.stringify(fact, null, 2)}</pre>
      </details>
    </li>
  )
}

/** What is worth to be read of a fact without opening it. */
function saysOf({ fact }: FactTold): string {
  const { code, says, reused, warnings, by } = fact
  const words = [code, says, by, reused === true ? "reused" : null, ...(Array.isArray(warnings) ? warnings : [])]
  return visible(words.filter((word) => typeof word === "string" && word !== "").join(" · "))
}

function Costs({ costs }: { readonly costs: ReturnType<typeof costOf> }) {
  return (
    <>
      <h2>Cost by stage</h2>
      <ul class="costs">
        {costs.map(({ stage, ms, share }) => (
          <li key={stage}>
            <span>{visible(stage)}</span>
            <span class="share" style={{ width: `${share * 100}%` }} />
            <span class="ms">{humanDuration(ms)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  return (
    <>
      <h2>Arrivals</h2>
      <ul class="attempts">
        {attempts.map((attempt) => (
          <li key={attempt.element_id}>
            <b>{visible(attempt.trigger)}</b> {attempt.outcome ?? "waits"}{" "}
            <span class="dim">
              {new Date(attempt.arrived_at_ms).toISOString()}
              {spentText(attempt)}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function spentText(attempt: Attempt): string {
  const spent = spentOn(attempt)
  if (spent === null) return ""
  const { wholeMs, waitedMs, workedMs } = spent
  const stages = attempt.stages.length === 0 ? "" : `, ${humanDuration(workedMs)} in its stages`
  return ` · ${humanDuration(wholeMs)}: waited ${humanDuration(waitedMs)}${stages}`
}
