import { describe, expect, it } from "vitest"
import type { FarmPlace, FarmWork } from "../../element/farms.ts"
import { done } from "../../events/result.ts"
import { takeIn } from "../take-in.ts"
import {
  deadlineJobEvent,
  deadlineStepEvent,
  documentedJobEvent,
  layerEvent,
  protoJobEvent,
} from "../testing/farm-messages.ts"
import { givenHttpIntake } from "../testing/http-intake.ts"
import { gist, messageOf, sourceOf, vastStructured } from "../testing/messages.ts"
import { farmEventOf } from "./farm-events.ts"
import { parseArrival } from "./parse-arrival.ts"

const JOB = { name: "ghost-sh010-artist_comp_v001", show: "ghost" }
const QUEUE = "queue-12345678900000000000000000000000"

const placeOfWork = ({ names }: FarmWork): FarmPlace => ({
  bucket: "renders",
  prefix: `${names.job}/${names.layer ?? names.step ?? "all"}/`,
})
const mapped = sourceOf("vast", { placeOfWork })
const gists = (body: unknown, source = mapped): string[] => parseArrival(messageOf(body), source).map(gist)

describe("what a farm completed is a hint about where a rule says that its frames are", () => {
  it.each([
    ["a job, as OpenCue documents it", documentedJobEvent(JOB), "opencue: renders/ghost-sh010-artist_comp_v001/all/"],
    ["a job, as OpenCue's proto has it", protoJobEvent(JOB), "opencue: renders/ghost-sh010-artist_comp_v001/all/"],
    ["a layer by the proto", layerEvent(JOB, "bty", "proto"), "opencue: renders/ghost-sh010-artist_comp_v001/bty/"],
    ["a layer, flat", layerEvent(JOB, "bty", "documented"), "opencue: renders/ghost-sh010-artist_comp_v001/bty/"],
    [
      "a job of Deadline Cloud",
      deadlineJobEvent(QUEUE),
      "deadline-cloud: renders/job-12345678900000000000000000000000/all/",
    ],
    [
      "a step of Deadline Cloud",
      deadlineStepEvent(QUEUE, "step-1"),
      "deadline-cloud: renders/job-12345678900000000000000000000000/step-1/",
    ],
  ])("%s", (_, event, expected) => {
    expect(gists(event)).toEqual([expected])
  })

  it("also out of the wrappings of CloudEvents, SNS and SQS", () => {
    const event = deadlineJobEvent(QUEUE)
    const notification = { Type: "Notification", TopicArn: "arn:t", Message: JSON.stringify(event) }
    const queued = { Records: [{ messageId: "m", body: JSON.stringify(event) }] }
    for (const wrapped of [notification, queued, [event]]) expect(gists(wrapped)).toEqual(gists(event))
    expect(gists(vastStructured(protoJobEvent(JOB), { type: "opencue.job" }))).toEqual(gists(protoJobEvent(JOB)))
  })

  it("with the farm's names of show and shot, where it tells them", () => {
    const names = { show: "ghost", shot: "sh010", job: JOB.name }
    expect(farmEventOf(protoJobEvent({ ...JOB, shot: "sh010" }))).toMatchObject({ work: { by: "opencue", names } })
    expect(farmEventOf(protoJobEvent(JOB))).toMatchObject({ work: { names: { show: "ghost", job: JOB.name } } })
    expect(farmEventOf(deadlineJobEvent(QUEUE))).toMatchObject({
      work: { by: "deadline-cloud", names: { queue: QUEUE } },
    })
  })

  it("which is a fact of its own, the same wherever and however often the event comes, and no id of another job", () => {
    const at = { at: { topic: "mirrored", partition: 0, offset: 4 } }
    const [first, again] = [{}, at].map(
      (with_) => takeIn(messageOf(documentedJobEvent(JOB), with_), mapped, 1_000).hints,
    )
    expect(first).toMatchObject([
      { topic: "hint-reported", value: { by: "opencue", element: { trigger: "JOB_FINISHED", jobId: null } } },
    ])
    expect(again?.[0]?.value.factId).toBe(first?.[0]?.value.factId)
    const [other] = takeIn(messageOf(documentedJobEvent(JOB, {}, "event-9")), mapped, 1_000).hints
    expect(other?.value.factId).not.toBe(first?.[0]?.value.factId)
  })
})

describe("an event that does not say that something is complete is passed over", () => {
  it.each([
    ["of a job that was killed", protoJobEvent(JOB, "JOB_KILLED")],
    ["of a job that began", protoJobEvent(JOB, "JOB_STARTED")],
    ["of one frame", { header: { event_id: "e", event_type: "FRAME_COMPLETED" }, frame_id: "f" }],
    ["that contradicts itself by its counts", documentedJobEvent(JOB, { running_frames: 1 })],
    ["that contradicts itself by the counts of the job", protoJobEvent(JOB, "JOB_FINISHED", { waiting_frames: 3 })],
    ["of a job of Deadline Cloud that failed", deadlineJobEvent(QUEUE, "FAILED", { FAILED: 1 })],
    ["of a job of Deadline Cloud with tasks under way", deadlineJobEvent(QUEUE, "SUCCEEDED", { RUNNING: 1 })],
    [
      "of a budget of Deadline Cloud",
      { "detail-type": "Budget Threshold Reached", source: "aws.deadline", id: "i", detail: { farmId: "f" } },
    ],
  ])("%s", (_, event) => {
    expect(gists(event)).toEqual(["skip: not-complete"])
  })
})

describe("an event of a farm", () => {
  it("that no rule maps is counted, and remarked on by the names of its job: it is no dead letter", () => {
    const taken = takeIn(messageOf(protoJobEvent(JOB)), sourceOf("vast", { placeOfWork: () => null }), 1_000)
    expect(taken).toMatchObject({ hints: [], skipped: ["unmapped"], letter: null })
    expect(taken.remarks).toEqual([expect.stringContaining('"job":"ghost-sh010-artist_comp_v001"')])
    expect(gists(protoJobEvent(JOB), sourceOf("vast"))).toEqual(["skip: unmapped"])
  })

  it("is about no bucket and prefix that are not taken care of, and about no outputs", () => {
    expect(gists(protoJobEvent(JOB), { ...mapped, buckets: ["other"] })).toEqual(["skip: bucket"])
    expect(gists(protoJobEvent(JOB), { ...mapped, prefixes: ["other/"] })).toEqual(["skip: prefix"])
    const below = sourceOf("vast", { placeOfWork: () => ({ bucket: "renders", prefix: "sh010/.proxies/" }) })
    expect(gists(protoJobEvent(JOB), below)).toEqual(["skip: output"])
  })

  it.each([
    [
      "a finished job without a name",
      { header: { event_type: "JOB_FINISHED" } },
      "JOB_FINISHED of OpenCue that names no job",
    ],
    [
      "a layer without a name",
      { ...documentedJobEvent(JOB), header: { event_type: "LAYER_FINISHED" } },
      "names no layer",
    ],
    ["a job of Deadline Cloud without a status", deadlineJobEvent(QUEUE, ""), "names no job or no status"],
  ])("that nobody can read is a dead letter: %s", (_, event, says) => {
    const taken = takeIn(messageOf(event), mapped, 1_000)
    expect(taken).toMatchObject({ hints: [], letter: { says: expect.stringContaining(says) } })
  })

  it("comes over HTTP, too, also where senders must tell of objects that are there", async () => {
    const nothing = { object: async () => done(false), row: async () => done(false) }
    const { post, observed } = await givenHttpIntake({ source: mapped, exists: nothing })
    expect(await post(deadlineJobEvent(QUEUE))).toBe(204)
    expect(observed).toEqual([{ kind: "hints", from: "http", hints: 1 }])
  })

  it("that no rule maps is answered like any that has no effect", async () => {
    const { post, observed } = await givenHttpIntake()
    expect(await post(deadlineJobEvent(QUEUE))).toBe(204)
    expect(observed).toMatchObject([
      { kind: "skipped", reason: "unmapped" },
      { kind: "remark", from: "http" },
    ])
  })
})
