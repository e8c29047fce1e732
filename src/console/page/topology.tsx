import { counted, humanDuration } from "../../cli/views/human.ts"
import { visible } from "../../system/visible.ts"
import { flowOf, type GroupAnswer, lastTroubleOf, stepsOf, type TopologyAnswer, troubleCounts } from "../operations.ts"
import { BOX, type Box, drawingOf } from "../topology-drawing.ts"

/** The groups and what passes between them, as they are now, and what the steps of each have done. */
export function TopologyView({ groups, counted_since_ms: sinceMs }: TopologyAnswer) {
  const { width, height, boxes, lines } = drawingOf(groups.map(flowOf))
  const byName = new Map(groups.map((group) => [group.name, group]))
  return (
    <>
      <div class="topology" ref={(element) => element?.setAttribute("tabindex", "0")}>
        <svg viewBox={`-1 -1 ${width + 2} ${height + 2}`} role="img" aria-label={saysOf(groups)}>
          {lines.map(({ from, to, topics, isBack, path }) => (
            <path key={`${from} ${to}`} class={isBack ? "line back" : "line"} d={path}>
              <title>{`${from} → ${to}: ${topics.join(", ")}`}</title>
            </path>
          ))}
          {boxes.map((box) => (
            <GroupBox key={box.name} box={box} group={byName.get(box.name)} />
          ))}
        </svg>
      </div>
      {sinceMs === null ? (
        <p class="dim">Other processes do the work: they count its steps (/metrics of each).</p>
      ) : (
        groups.map((group) => <Steps key={group.name} group={group} />)
      )}
    </>
  )
}

/** For whoever does not see the drawing. */
const saysOf = (groups: readonly GroupAnswer[]): string =>
  groups.map((group) => `${group.name}: ${stateOf(group)}`).join("; ")

function stateOf(group: GroupAnswer): string {
  const { progress, work } = group
  const { retries, waits } = troubleCounts(group)
  return [
    ...(progress === null ? [] : [`${progress.lag.toLocaleString("en")} behind`]),
    ...(progress?.per_second === null || progress === null ? [] : [`${progress.per_second.toFixed(1)} a second`]),
    ...(progress?.members === null || progress === null ? [] : [counted(progress.members, "worker")]),
    ...(work === null ? [] : [`${work.in_flight} in flight`]),
    ...(retries === 0 ? [] : [counted(retries, "further try", "further tries")]),
    ...(waits === 0 ? [] : [counted(waits, "wait for a server", "waits for a server")]),
  ].join(", ")
}

/** A group is in trouble for so long after something was waited for. */
const TROUBLE_SHOWN_MS = 30_000

function kindOf(group: GroupAnswer): string {
  const trouble = lastTroubleOf(group)
  if (trouble !== null && Date.now() - trouble.at_ms < TROUBLE_SHOWN_MS) return "away"
  return (group.progress?.lag ?? 0) > 0 || (group.work?.in_flight ?? 0) > 0 ? "busy" : ""
}

function GroupBox({ box: { name, x, y }, group }: { readonly box: Box; readonly group: GroupAnswer | undefined }) {
  if (group === undefined) return null
  const { progress, work } = group
  const { retries, waits } = troubleCounts(group)
  const rate = progress?.per_second ?? null
  const further = [
    ...(work === null ? [] : [`${work.in_flight} in flight`]),
    ...(progress?.members === null || progress === null ? [] : [counted(progress.members, "worker")]),
    ...(retries + waits === 0 ? [] : [`${retries + waits} retried`]),
  ]
  return (
    <g class={`group ${kindOf(group)}`} transform={`translate(${x} ${y})`}>
      <title>{`${name}: ${stateOf(group)}`}</title>
      <rect width={BOX.width} height={BOX.height} rx="6" />
      <text class="name" x="12" y="22">
        {visible(name)}
      </text>
      <text x="12" y="40">
        {progress === null ? "not counted here" : `${progress.lag.toLocaleString("en")} behind`}
        {rate === null || rate === 0 ? "" : ` · ${rate.toFixed(1)}/s`}
      </text>
      <text x="12" y="55">
        {further.join(" · ")}
      </text>
    </g>
  )
}

/** What the steps of a group have done; nothing where it did nothing yet. */
function Steps({ group }: { readonly group: GroupAnswer }) {
  const steps = stepsOf(group.stages).flatMap(({ name, counts }) =>
    counts === null || counts.ended === 0 ? [] : [{ name, counts }],
  )
  if (steps.length === 0) return null
  return (
    <details class="steps">
      <summary>{visible(group.name)}</summary>
      <div class="scrolled">
        <table>
          <thead>
            <tr>
              {["step", "ended", "each took", "tried again", "waited", "failed", "last trouble"].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {steps.map(
              ({ name, counts: { ended, ms, retries, outage_waits: waits, failures, last_trouble: last } }) => (
                <tr key={name}>
                  <th scope="row">{visible(name)}</th>
                  <td>{ended.toLocaleString("en")}</td>
                  <td>{humanDuration(ms / ended)}</td>
                  <td>{retries}</td>
                  <td>{waits}</td>
                  <td>{failures}</td>
                  <td class="trouble">{last === null ? "" : visible(`${last.code}: ${last.says}`)}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
    </details>
  )
}
