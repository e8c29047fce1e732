import { counted } from "../../cli/views/human.ts"
import { visible } from "../../system/visible.ts"
import type { GroupAnswer } from "../operations.ts"
import { BOX, type Box, drawingOf } from "../topology-drawing.ts"

/** The groups and what passes between them, as they are now. */
export function TopologyView({ groups }: { readonly groups: readonly GroupAnswer[] }) {
  const { width, height, boxes, lines } = drawingOf(groups)
  const byName = new Map(groups.map((group) => [group.name, group]))
  return (
    <div class="topology" ref={(element) => element?.setAttribute("tabindex", "0")}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={saysOf(groups)}>
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
  )
}

/** For whoever does not see the drawing. */
const saysOf = (groups: readonly GroupAnswer[]): string =>
  groups.map((group) => `${group.name}: ${stateOf(group)}`).join("; ")

function stateOf({ lag, rate, outage }: GroupAnswer): string {
  if (outage !== null && outage !== undefined) return `waits for ${visible(outage)}`
  return [
    ...(lag === null ? [] : [`${counted(lag, "record")} behind`]),
    ...(rate === null ? [] : [`${rate.toFixed(1)} a second`]),
  ].join(", ")
}

function GroupBox({ box: { name, x, y }, group }: { readonly box: Box; readonly group: GroupAnswer | undefined }) {
  if (group === undefined) return null
  const { lag, rate, outage, in_flight: inFlight, retries } = group
  const kind = outage !== null && outage !== undefined ? "away" : (lag ?? 0) > 0 || (rate ?? 0) > 0 ? "busy" : ""
  const further = [
    ...(inFlight === null || inFlight === undefined ? [] : [`${inFlight} in flight`]),
    ...(retries === null || retries === undefined || retries === 0 ? [] : [counted(retries, "retry", "retries")]),
  ]
  return (
    <g class={`group ${kind}`} transform={`translate(${x} ${y})`}>
      <title>{`${name}: ${stateOf(group)}`}</title>
      <rect width={BOX.width} height={BOX.height} rx="6" />
      <text class="name" x="12" y="22">
        {visible(name)}
      </text>
      <text x="12" y="40">
        {lag === null ? "–" : `${lag.toLocaleString("en")} behind`}
        {rate === null ? "" : ` · ${rate.toFixed(1)}/s`}
      </text>
      <text x="12" y="55">
        {outage === null || outage === undefined ? further.join(" · ") : "waits"}
      </text>
    </g>
  )
}
