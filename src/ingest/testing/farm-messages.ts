// Events of farms, written by hand from what their makers publish.

/** Values that stand in both forms of OpenCue's events. */
export type Job = { readonly name: string; readonly show: string; readonly shot?: string }

const header = (event_type: string, id: string) => ({
  event_id: id,
  event_type,
  timestamp: "1732446600000",
  source_cuebot: "cuebot-01",
  correlation_id: "550e8400-e29b-41d4-a716-446655440000",
})

/** As in OpenCue's docs/_docs/reference/monitoring-reference.md ("Job event payload"): flat, without a shot. */
export const documentedJobEvent = (job: Job, with_: Readonly<Record<string, unknown>> = {}, id = "event-1") => ({
  header: header("JOB_FINISHED", id),
  job_id: "550e8400-e29b-41d4-a716-446655440000",
  job_name: job.name,
  show: job.show,
  ...{ show_id: "550e8400-e29b-41d4-a716-446655440001", facility: "cloud", group_name: "render", user: "artist" },
  ...{ state: "FINISHED", is_paused: false, is_auto_eat: false },
  ...{ start_time: "1732443000000", stop_time: "1732446600000", frame_count: 100, layer_count: 2 },
  ...{ pending_frames: 0, running_frames: 0, dead_frames: 0, succeeded_frames: 100 },
  ...with_,
})

/**
 * JobEvent of OpenCue's proto/src/monitoring.proto with Job and JobStats of job.proto, as Cuebot's KafkaEventPublisher prints
 * it: names of the proto, default values included.
 */
export const protoJobEvent = (job: Job, event_type = "JOB_FINISHED", stats: Readonly<Record<string, number>> = {}) => ({
  header: header(event_type, "event-2"),
  job: {
    id: "550e8400-e29b-41d4-a716-446655440000",
    state: "FINISHED",
    shot: "",
    ...job,
    ...{ user: "artist", group: "render", facility: "cloud", os: "rhel9", priority: 100, is_paused: false },
    ...{ has_comment: false, auto_eat: false, start_time: 1732443000, stop_time: 1732446600 },
    job_stats: {
      ...{ total_frames: 100, waiting_frames: 0, running_frames: 0, dead_frames: 0, eaten_frames: 2 },
      ...{ depend_frames: 0, succeeded_frames: 98, pending_frames: 0, ...stats },
    },
  },
  previous_state: "PENDING",
  reason: "",
  killed_by: "",
})

/** LayerEvent of monitoring.proto, and the same flat, as an earlier MonitoringEventBuilder of Cuebot, by the documented name. */
export const layerEvent = (job: Job, layer: string, form: "proto" | "documented") => ({
  header: header(form === "proto" ? "LAYER_COMPLETED" : "LAYER_FINISHED", "event-3"),
  ...(form === "proto" ? { layer: { id: "l", name: layer, type: "RENDER" } } : { layer_id: "l", layer_name: layer }),
  job_id: "j",
  job_name: job.name,
  show: job.show,
})

const COUNTS = { PENDING: 0, READY: 0, RUNNING: 0, ASSIGNED: 0, STARTING: 0, SCHEDULED: 0, INTERRUPTING: 0 }

/** As in the AWS Deadline Cloud Developer Guide, "Deadline Cloud events detail reference": "Job Run Status Change". */
export const deadlineJobEvent = (queueId: string, taskRunStatus = "SUCCEEDED", counts: object = {}) => ({
  version: "0",
  id: "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
  "detail-type": "Job Run Status Change",
  source: "aws.deadline",
  ...{ account: "111122223333", time: "2017-12-22T18:43:48Z", region: "aa-example-1", resources: [] },
  detail: {
    farmId: "farm-12345678900000000000000000000000",
    queueId,
    jobId: "job-12345678900000000000000000000000",
    previousTaskRunStatus: "RUNNING",
    taskRunStatus,
    taskRunStatusCounts: {
      ...COUNTS,
      ...{ SUSPENDED: 0, CANCELED: 0, FAILED: 0, SUCCEEDED: 20, NOT_COMPATIBLE: 0, ...counts },
    },
  },
})

/** The same reference: "Step Run Status Change". */
export const deadlineStepEvent = (queueId: string, stepId: string) => {
  const event = deadlineJobEvent(queueId)
  return { ...event, "detail-type": "Step Run Status Change", detail: { ...event.detail, stepId } }
}
