import { assetIdOf, completedIdOf, failedIdOf, generatedIdOf, reviewedIdOf } from "../events/identity.ts"
import type { ElementFailed, IntegrityReport, ProxyMade } from "../events/records.generated.ts"
import { timestampText } from "../events/time.ts"
import { joblessElementOf, type Outcome } from "./index.ts"

/** One message to the outside: which of the two topics, the key, and the JSON value. */
export type Message = {
  readonly channel: "proxy" | "completion"
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

const FUNCTION_ID = "oiio_proxy_generator"
const COMPLETED = "vast.dataengine.pipeline.completed"
const SOURCE = "spaceharbor/oiio_proxy_generator"

/** The messages of one outcome in the order in which they are sent: proxy.generated (successes only), then completion. */
export function messagesOf(outcome: Outcome): readonly Message[] {
  if ("movie" in outcome) return [sequenceGenerated(outcome.movie)]
  if ("copy" in outcome) return [sequenceReviewed(outcome.copy)]
  return "made" in outcome
    ? [proxyGenerated(outcome.made), completed(outcome.made)]
    : [completedWithFailure(outcome.failed)]
}

/** Who is told. */
export type Audience = {
  /** Completions without a job are left out: SpaceHarbor refuses them, and never looks at one of their id again. */
  readonly jobsOnly?: boolean
}

/** The messages of an outcome for those who are told. */
export const messagesFor =
  ({ jobsOnly = false }: Audience) =>
  (outcome: Outcome): readonly Message[] =>
    jobsOnly && joblessElementOf(outcome) !== null
      ? messagesOf(outcome).filter(({ channel }) => channel !== "completion")
      : messagesOf(outcome)

const uri = (element: ProxyMade["element"], { bucket, key }: ProxyMade["proxy"]): string =>
  `s3://${bucket ?? element.bucket}/${key}`

const milliseconds = (epochUs: number): string => new Date(Math.floor(epochUs / 1000)).toISOString()

/** Of the further outputs, those whose profile asks to be told of. */
const toldOf = ({ furtherOutputs }: ProxyMade) => furtherOutputs.filter(({ isNotified }) => isNotified)

/** proxy.generated, bare JSON. project_id and shot_id are there only when they say something. */
function proxyGenerated(made: ProxyMade): Message {
  const { element, source, thumbnail, proxy, generatedAtUs } = made
  const further = toldOf(made).flatMap(({ name, output }) => [
    [`${name}_uri`, uri(element, output)],
    [`${name}_size_bytes`, output.sizeBytes],
  ])
  return {
    channel: "proxy",
    key: source.assetId,
    value: {
      type: "proxy.generated",
      asset_id: source.assetId,
      thumbnail_uri: uri(element, thumbnail),
      proxy_uri: uri(element, proxy),
      thumbnail_size_bytes: thumbnail.sizeBytes,
      proxy_size_bytes: proxy.sizeBytes,
      source_size_bytes: source.sizeBytes,
      ...Object.fromEntries(further),
      timestamp: timestampText(generatedAtUs),
      ...(element.projectId ? { project_id: element.projectId } : {}),
      ...(element.shotId ? { shot_id: element.shotId } : {}),
    },
  }
}

/** The completion CloudEvent that SpaceHarbor consumes. It carries *_uri and *_url: the branch that would map them never runs. */
function completed(made: ProxyMade): Message {
  const { element, source, thumbnail, proxy, generatedAtUs } = made
  const thumbnailUri = uri(element, thumbnail)
  const proxyUri = uri(element, proxy)
  const further = toldOf(made).flatMap(({ name, output }) => [
    [`${name}_uri`, uri(element, output)],
    [`${name}_url`, uri(element, output)],
  ])
  return {
    channel: "completion",
    key: source.assetId,
    value: {
      specversion: "1.0",
      type: COMPLETED,
      source: SOURCE,
      id: completedIdOf(made),
      time: milliseconds(generatedAtUs),
      datacontenttype: "application/json",
      data: {
        asset_id: source.assetId,
        job_id: element.jobId ?? "",
        function_id: FUNCTION_ID,
        success: true,
        s3_bucket: element.bucket,
        s3_key: element.key,
        metadata: {
          asset_id: source.assetId,
          file_id: source.fileId,
          thumbnail_uri: thumbnailUri,
          proxy_uri: proxyUri,
          thumbnail_url: thumbnailUri,
          proxy_url: proxyUri,
          ...Object.fromEntries(further),
        },
      },
    },
  }
}

/** The movie of a sequence, in the envelope of completion events under a type of its own. */
function sequenceGenerated({ movie, ...made }: Extract<Outcome, { movie: unknown }>["movie"]): Message {
  const { sequenceId, bucket, folder, head, tail } = made.sequence
  const at = (key: string): string => `s3://${movie.bucket ?? bucket}/${key}`
  return {
    channel: "completion",
    key: sequenceId,
    value: {
      specversion: "1.0",
      type: "sequence.generated",
      source: SOURCE,
      id: generatedIdOf(made),
      time: milliseconds(made.generatedAtUs),
      datacontenttype: "application/json",
      data: {
        sequence_id: sequenceId,
        revision: made.revision,
        function_id: FUNCTION_ID,
        s3_bucket: bucket,
        folder,
        head,
        tail,
        frames: made.made,
        failed: made.failed,
        missing: made.missing,
        held: movie.held,
        movie_uri: at(movie.key),
        manifest_uri: at(movie.manifestKey),
        ...Object.fromEntries(movie.beside.map(({ name, key }) => [`${name}_uri`, at(key)])),
        movie_size_bytes: movie.sizeBytes,
        movie_frames: movie.frames,
        frame_rate: `${movie.frameRate.num}/${movie.frameRate.den}`,
        timecode: movie.timecode,
        width: movie.width,
        height: movie.height,
        integrity: made.report === null ? null : integrityOf(made.report),
      },
    },
  }
}

/** The same once more, under another id, when its review copy is there: with what a player needs to find that. */
function sequenceReviewed(copy: Extract<Outcome, { copy: unknown }>["copy"]): Message {
  const { made, review, generatedAtUs } = copy
  const { value, ...to } = sequenceGenerated(made)
  const data = {
    ...(value.data as Readonly<Record<string, unknown>>),
    review_uri: `s3://${review.bucket ?? made.sequence.bucket}/${review.key}`,
    review_size_bytes: review.sizeBytes,
    review_frames: review.frames,
    review_timecode: review.timecode,
  }
  return { ...to, value: { ...value, id: reviewedIdOf(copy), time: milliseconds(generatedAtUs), data } }
}

/** What is wrong, by kind: frames as ranges, and how many runs of them were left out. Only what there is any of. */
function integrityOf({ isSound, ...report }: IntegrityReport) {
  const lists = Object.entries({
    ...{ duplicate: report.duplicates, outside: report.outside, timecode_jump: report.timecodes.jumps },
    ...{ no_timecode: report.timecodes.without, black: report.black, nearly_black: report.nearlyBlack },
    ...{ frozen: report.frozen, non_finite: report.nonFinite.frames },
  })
  return {
    is_sound: isSound,
    first_frame: report.firstFrame,
    findings: Object.fromEntries(lists.filter(([, { count }]) => count > 0)),
    failed: report.failed.map(({ code, frames }) => ({ code, ...frames })),
    drift: report.drift.map(({ trait, usual, frames }) => ({ trait, usual, ...frames })),
  }
}

/** The same envelope for a failure: another id, no metadata, and an error that names code and reason. */
function completedWithFailure(fact: ElementFailed): Message {
  const { element, source, code, says, failedAtUs } = fact
  const assetId = source?.assetId ?? element.assetId ?? assetIdOf(element.key)
  return {
    channel: "completion",
    key: assetId,
    value: {
      specversion: "1.0",
      type: COMPLETED,
      source: SOURCE,
      id: failedIdOf(fact),
      time: milliseconds(failedAtUs),
      datacontenttype: "application/json",
      data: {
        asset_id: assetId,
        job_id: element.jobId ?? "",
        function_id: FUNCTION_ID,
        success: false,
        s3_bucket: element.bucket,
        s3_key: element.key,
        error: `${code}: ${says}`,
      },
    },
  }
}
