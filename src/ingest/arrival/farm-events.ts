// Events of render farms, as Kafka or EventBridge brings them: OpenCue's monitoring events, AWS Deadline Cloud's status changes.

import type { FarmName, FarmWork } from "../../element/farms.ts"
import { fieldAt, fieldOf, scalarText, textOf } from "./fields.ts"

/** An event of a farm; `work` null where it does not say that something is complete. */
export type FarmEvent = {
  readonly trigger: string
  readonly work: FarmWork | null
  /** Who sent it, and by which id, so that what comes twice is the same; null where the event does not tell. */
  readonly sent: { readonly source: string; readonly id: string } | null
}

type Problem = { readonly problem: string }

/** The event of a farm; null for what is none. */
export const farmEventOf = (data: unknown): FarmEvent | Problem | null => ofOpenCue(data) ?? ofDeadlineCloud(data)

/** Whose events of EventBridge keep their form: they are about no object. */
export const DEADLINE_CLOUD = "aws.deadline"

const OPENCUE_EVENT = /^(JOB|LAYER|FRAME|HOST|PROC)_[A-Z_]+$/

/** LAYER_COMPLETED by OpenCue's monitoring.proto, LAYER_FINISHED by its documentation. */
const OPENCUE_DONE = ["JOB_FINISHED", "LAYER_COMPLETED", "LAYER_FINISHED"]

/** A job is over when it has none of these. Eaten frames are over: somebody decided to go without them. */
const UNFINISHED_FRAMES = ["waiting_frames", "pending_frames", "running_frames", "depend_frames", "dead_frames"]

/**
 * OpenCue's JSON on `opencue.job.events` and `opencue.layer.events`. The header is always the same; what is told of the job
 * stands at the top (documentation, earlier Cuebots) or in `job` and `layer` (monitoring.proto since), counts likewise or in
 * `job_stats` and `layer_stats`. Cuebot states no counts with some events: then there are none to contradict it.
 */
function ofOpenCue(data: unknown): FarmEvent | Problem | null {
  const header = fieldOf(data, "header")
  const trigger = textOf(fieldOf(header, "event_type"))
  if (trigger === null || !OPENCUE_EVENT.test(trigger)) return null
  const id = textOf(fieldOf(header, "event_id"))
  const sent = id === null ? null : { source: "opencue", id }
  if (!OPENCUE_DONE.includes(trigger)) return { trigger, sent, work: null }
  const [job, layer] = [fieldOf(data, "job"), fieldOf(data, "layer")]
  const isOfLayer = trigger.startsWith("LAYER_")
  const names = told({
    show: fieldOf(job, "show") ?? fieldOf(data, "show"),
    shot: fieldOf(job, "shot") ?? fieldOf(data, "shot"),
    job: fieldOf(job, "name") ?? fieldOf(data, "job_name"),
    ...(isOfLayer && { layer: fieldOf(layer, "name") ?? fieldOf(data, "layer_name") }),
  })
  if (names.job === undefined) return { problem: `is a ${trigger} of OpenCue that names no job` }
  if (isOfLayer && names.layer === undefined) return { problem: `is a ${trigger} of OpenCue that names no layer` }
  const counts = isOfLayer ? [data, layer, fieldOf(layer, "layer_stats")] : [data, job, fieldOf(job, "job_stats")]
  return { trigger, sent, work: hasAny(counts, UNFINISHED_FRAMES) ? null : { by: "opencue", names } }
}

/** The status of a job is combined of those of its tasks: one that says SUCCEEDED has none of these. */
const UNFINISHED_TASKS = ["PENDING", "READY", "ASSIGNED", "STARTING", "SCHEDULED", "INTERRUPTING", "RUNNING"]

/** Deadline Cloud's "Job Run Status Change" and "Step Run Status Change" (its Developer Guide, events detail reference). */
function ofDeadlineCloud(data: unknown): FarmEvent | Problem | null {
  const trigger = textOf(fieldOf(data, "detail-type"))
  if (trigger === null || fieldOf(data, "source") !== DEADLINE_CLOUD) return null
  const id = textOf(fieldOf(data, "id"))
  const sent = id === null ? null : { source: DEADLINE_CLOUD, id }
  const isOfStep = trigger === "Step Run Status Change"
  if (!isOfStep && trigger !== "Job Run Status Change") return { trigger, sent, work: null }
  const detail = (name: string): unknown => fieldAt(data, "detail", name)
  const status = textOf(detail("taskRunStatus"))
  const names = told({
    farm: detail("farmId"),
    queue: detail("queueId"),
    job: detail("jobId"),
    ...(isOfStep && { step: detail("stepId") }),
  })
  if (status === null || names.job === undefined || (isOfStep && names.step === undefined))
    return { problem: `is a ${trigger} of Deadline Cloud that names no ${isOfStep ? "step" : "job"} or no status` }
  const isDone = status === "SUCCEEDED" && !hasAny([detail("taskRunStatusCounts")], UNFINISHED_TASKS)
  return { trigger, sent, work: isDone ? { by: "deadline-cloud", names } : null }
}

/** The names that are texts. Cuebot writes an empty text for what it does not know. */
function told(given: Readonly<Partial<Record<FarmName, unknown>>>): FarmWork["names"] {
  const texts = Object.entries(given).flatMap(([name, value]) => {
    const text = textOf(value)
    return text === null ? [] : [[name, text] as const]
  })
  return Object.fromEntries(texts)
}

const hasAny = (values: readonly unknown[], names: readonly string[]): boolean =>
  values.some((value) => names.some((name) => Number(scalarText(fieldOf(value, name)) ?? 0) > 0))
