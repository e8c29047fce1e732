/** What the outside is told, as JSON Schemas and with samples: the samples are made by the code that sends. */

import { elementFailed, proxyMade } from "../../src/events/testing/facts.ts"
import { movieMade, reviewMade } from "../../src/events/testing/sequence-facts.ts"
import type { Outcome } from "../../src/notify/index.ts"
import { type Message, messagesOf } from "../../src/notify/messages.ts"

export type JsonSchema = Readonly<Record<string, unknown>>

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({ type: "string", description, ...more })
const whole = (description: string): JsonSchema => ({ type: "integer", minimum: 0, description })
const fixed = (value: string | boolean, description: string): JsonSchema => ({ const: value, description })
const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema.type, "null"] })

/** An object with these fields and no others, those named `optional` left out where there is nothing to say. */
function object(
  description: string,
  fields: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(fields).filter((name) => !optional.includes(name))
  return { type: "object", description, additionalProperties: false, required, properties: fields }
}

const address = (of: string): JsonSchema => text(`Address of ${of}, \`s3://bucket/key\`.`, { pattern: "^s3://" })
const PREVIEW = ["preview_uri", "preview_url", "preview_size_bytes"]
const ASSET = text(
  "The asset: the trigger's, else the object's tag `ah-asset-id`, else its metadata `asset-id`, else the first 16 digits of the key's md5.",
)

const PROXY_GENERATED = object(
  "Thumbnail and proxy of a frame are there.",
  {
    type: fixed("proxy.generated", "The type."),
    asset_id: ASSET,
    thumbnail_uri: address("the thumbnail"),
    proxy_uri: address("the proxy"),
    thumbnail_size_bytes: whole("Size of the thumbnail."),
    proxy_size_bytes: whole("Size of the proxy."),
    source_size_bytes: whole("Size of the source."),
    preview_uri: address("the preview, where `OIIO_PREVIEW_EDGE_PX` asks for one"),
    preview_size_bytes: whole("Size of the preview."),
    timestamp: text("When they were made, UTC, microseconds: `2026-04-01T00:00:09.412345+00:00`."),
    project_id: text("The project, where the trigger named one."),
    shot_id: text("The shot, where the trigger named one."),
  },
  [...PREVIEW, "project_id", "shot_id"],
)

const envelope = (type: string, data: JsonSchema): JsonSchema =>
  object("A CloudEvent in structured mode: its attributes are fields of the value, there are no headers.", {
    specversion: fixed("1.0", "Version of CloudEvents."),
    type: fixed(type, "The type of the event."),
    source: fixed("spaceharbor/oiio_proxy_generator", "Who tells."),
    id: text("The same for the same outcome whenever it is told: drop what you know.", { format: "uuid" }),
    time: text("When it happened, UTC, milliseconds.", { format: "date-time" }),
    datacontenttype: fixed("application/json", "What `data` is."),
    data,
  })

const COMPLETION = {
  asset_id: ASSET,
  job_id: text("The job of the trigger; empty where it named none."),
  function_id: fixed("oiio_proxy_generator", "Which function ended."),
  s3_bucket: text("The source's bucket."),
  s3_key: text("The source's key."),
}

const COMPLETED = envelope(
  "vast.dataengine.pipeline.completed",
  object("Outputs are there.", {
    ...COMPLETION,
    success: fixed(true, "Outputs are there."),
    metadata: object(
      "Where they are.",
      {
        asset_id: ASSET,
        file_id: text("Joins with `proxy_outputs` and the tables about headers."),
        thumbnail_uri: address("the thumbnail"),
        proxy_uri: address("the proxy"),
        thumbnail_url: address("the thumbnail"),
        proxy_url: address("the proxy"),
        preview_uri: address("the preview"),
        preview_url: address("the preview"),
      },
      PREVIEW,
    ),
  }),
)

const FAILED = envelope(
  "vast.dataengine.pipeline.completed",
  object("There will be none.", {
    ...COMPLETION,
    success: fixed(false, "There are no outputs."),
    error: text("A code of docs/failures.md, a colon, and a sentence."),
  }),
)

const frames = (of: string): JsonSchema =>
  text(`Frames ${of}, as ranges: \`1001-1040,1045\`; empty where there are none.`)

/** Runs of frames that something is true of. */
const RUNS = {
  count: whole("How many frames."),
  ranges: text("Which, as ranges."),
  more: whole("Runs that were left out."),
}

const INTEGRITY = object("What was found wrong.", {
  is_sound: { type: "boolean", description: "Nothing below is wrong, and no frame failed or is missing." },
  first_frame: {
    type: ["object", "null"],
    description: "The first frame and the expected one, where they differ.",
  },
  findings: {
    type: "object",
    description:
      "Kinds of findings, those there are: duplicate, outside, timecode_jump, no_timecode, black, nearly_black, frozen, non_finite.",
    additionalProperties: object("Which frames.", RUNS),
  },
  failed: {
    type: "array",
    description: "Failures by code.",
    items: object("One code.", { code: text("The code."), ...RUNS }),
  },
  drift: {
    type: "array",
    description: "What differs from most of the sequence.",
    items: object("One trait.", { trait: text("What."), usual: text("What most frames have."), ...RUNS }),
  },
})

const SEQUENCE_GENERATED = envelope(
  "sequence.generated",
  object(
    "The movie of one revision of a sequence is there. Told once more under another id, with the review fields, when its review copy is.",
    {
      sequence_id: text("The sequence, whatever its revision.", { format: "uuid" }),
      revision: text("What the movie is made of: another frame, version or setting is another revision."),
      function_id: fixed("oiio_proxy_generator", "Which function ended."),
      s3_bucket: text("Bucket of the frames."),
      folder: text("Their folder, with its slash."),
      head: text("What stands before their numbers."),
      tail: text("What stands behind them."),
      frames: frames("that the movie shows"),
      failed: frames("that failed"),
      missing: frames("that never came"),
      held: frames("in whose place the movie holds the one before, or shows black"),
      movie_uri: address("the movie"),
      manifest_uri: address("the manifest, which names every frame"),
      poster_uri: address("the poster"),
      sprites_uri: address("the sheet to scrub by"),
      sprites_vtt_uri: address("the sheet's cues, WebVTT"),
      movie_size_bytes: whole("Size of the movie."),
      movie_frames: whole("How many frames it has."),
      frame_rate: text("Frames a second, a fraction.", { pattern: "^[0-9]+/[0-9]+$" }),
      timecode: orNull(text("Of its first frame; drop-frame with a semicolon.")),
      width: whole("Pixels."),
      height: whole("Pixels."),
      integrity: { description: "The report; null where the fact holds none.", anyOf: [INTEGRITY, { type: "null" }] },
      review_uri: address("the review copy"),
      review_size_bytes: whole("Size of the review copy."),
      review_frames: whole("How many frames it has, its slate counted."),
      review_timecode: orNull(text("Of its first frame.")),
    },
    [
      ...["poster_uri", "sprites_uri", "sprites_vtt_uri"],
      ...["review_uri", "review_size_bytes", "review_frames", "review_timecode"],
    ],
  ),
)

export type Notification = {
  readonly name: string
  readonly channel: Message["channel"]
  readonly summary: string
  readonly payload: JsonSchema
  /** Made by the code that sends. */
  readonly samples: readonly Message[]
}

const sampled = (outcome: Outcome): readonly Message[] => messagesOf(outcome)
const movie = movieMade().value
const review = reviewMade().value
const made = { ...movie, movie: movie.movie as NonNullable<typeof movie.movie> }
const copied = { ...review, review: review.review as NonNullable<typeof review.review>, made }
const [generated, completed] = sampled({ made: proxyMade().value })

/** Every message that leaves, with what it may hold. */
export const NOTIFICATIONS: readonly Notification[] = [
  {
    ...{ name: "proxy.generated", channel: "proxy", summary: "A frame has outputs.", payload: PROXY_GENERATED },
    samples: [generated as Message],
  },
  {
    ...{ name: "completed", channel: "completion", summary: "A frame has outputs.", payload: COMPLETED },
    samples: [completed as Message],
  },
  {
    ...{ name: "failed", channel: "completion", summary: "A frame will have no outputs.", payload: FAILED },
    samples: sampled({ failed: elementFailed().value }),
  },
  {
    ...{ name: "sequence.generated", channel: "completion", summary: "A sequence has its movie, or its review copy." },
    payload: SEQUENCE_GENERATED,
    samples: [...sampled({ movie: made }), ...sampled({ copy: copied })],
  },
]
