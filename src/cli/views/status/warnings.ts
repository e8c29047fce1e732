import type { GroupPositions } from "../../../kafka/positions.ts"
import { counted } from "../format/human.ts"
import type { Gathered } from "./gather.ts"

/** What in a status contradicts itself, as sentences that say what to do. */
export function warningsOf({ tally, positions }: Gathered, isFolder: boolean): readonly string[] {
  const lost = tally?.unreachable ?? 0
  const remedy = isFolder ? "`run` queues them again." : "`ingest BUCKET` or `reprocess` queues them again."
  const unserved = new Set((positions?.groups ?? []).filter(isUnserved).map(({ groupId }) => groupId))
  return [
    ...(lost === 0
      ? []
      : [
          `${counted(lost, "frame")} marked as queued will reach no group, because the log does not hold them: ${remedy}`,
        ]),
    ...(positions?.groups ?? []).flatMap(groupWarnings),
    ...(positions?.still ?? [])
      .filter((group) => ![...unserved].some((groupId) => groupId.endsWith(group)))
      .map(
        (group) =>
          `Group ${group}: no offset moved between two looks, although records wait for more than a minute. A render of minutes explains it; if it stays so, /healthz of the processes tells which of them stands still.`,
      ),
  ]
}

export const waitingIn = ({ positions }: GroupPositions): number => positions.reduce((sum, { lag }) => sum + lag, 0)

const isUnserved = (group: GroupPositions): boolean => group.members === 0 && waitingIn(group) > 0

function groupWarnings(group: GroupPositions): readonly string[] {
  const { groupId, missingTopics } = group
  const serving = groupId.endsWith("ingest") ? "ingest --serve" : /projector/.test(groupId) ? "projector" : "worker"
  return [
    ...(missingTopics.length === 0
      ? []
      : [`Group ${groupId}: the brokers have no topic ${missingTopics.join(", ")}: run \`topics create\`.`]),
    ...(isUnserved(group)
      ? [
          `Group ${groupId}: ${counted(waitingIn(group), "record")} wait and no process is a member: start \`${serving}\`.`,
        ]
      : []),
  ]
}
