import { describe, expect, it } from "vitest"
import { elementFailed, proxyMade } from "../events/testing/facts.ts"
import { integrityReport, movieMade, reviewMade } from "../events/testing/sequence-facts.ts"
import { messagesOf } from "./messages.ts"

const made = () => {
  const fact = proxyMade({
    bucket: "bucket",
    key: "renders/shot_010/beauty.0001.exr",
    jobId: null,
    projectId: "p1",
    shotId: "sh010",
  }).value
  return {
    ...fact,
    source: { ...fact.source, assetId: "3c6e1c31ae45e0f1", fileId: "c569308e3b01f778", sizeBytes: 52428800 },
    thumbnail: { ...fact.thumbnail, key: "renders/shot_010/.proxies/beauty.0001_thumb.jpg", sizeBytes: 14213 },
    proxy: { ...fact.proxy, key: "renders/shot_010/.proxies/beauty.0001_proxy.mp4", sizeBytes: 96121 },
    generatedAtUs: Date.UTC(2026, 3, 1, 0, 0, 9) * 1000 + 412345,
  }
}

describe("what the outside is told is the contract, to the letter", () => {
  it("tells of a success with proxy.generated, then with the completion event", () => {
    const [generated, completion] = messagesOf({ made: made() })
    expect(generated?.key).toBe("3c6e1c31ae45e0f1")
    expect(JSON.stringify(generated?.value)).toBe(
      '{"type":"proxy.generated","asset_id":"3c6e1c31ae45e0f1","thumbnail_uri":"s3://bucket/renders/shot_010/.proxies/beauty.0001_thumb.jpg","proxy_uri":"s3://bucket/renders/shot_010/.proxies/beauty.0001_proxy.mp4","thumbnail_size_bytes":14213,"proxy_size_bytes":96121,"source_size_bytes":52428800,"timestamp":"2026-04-01T00:00:09.412345+00:00","project_id":"p1","shot_id":"sh010"}',
    )
    expect(JSON.stringify(completion?.value)).toBe(
      '{"specversion":"1.0","type":"vast.dataengine.pipeline.completed","source":"spaceharbor/oiio_proxy_generator","id":"1a6afe13-6191-578a-aa85-17c7e22c6f79","time":"2026-04-01T00:00:09.412Z","datacontenttype":"application/json","data":{"asset_id":"3c6e1c31ae45e0f1","job_id":"","function_id":"oiio_proxy_generator","success":true,"s3_bucket":"bucket","s3_key":"renders/shot_010/beauty.0001.exr","metadata":{"asset_id":"3c6e1c31ae45e0f1","file_id":"c569308e3b01f778","thumbnail_uri":"s3://bucket/renders/shot_010/.proxies/beauty.0001_thumb.jpg","proxy_uri":"s3://bucket/renders/shot_010/.proxies/beauty.0001_proxy.mp4","thumbnail_url":"s3://bucket/renders/shot_010/.proxies/beauty.0001_thumb.jpg","proxy_url":"s3://bucket/renders/shot_010/.proxies/beauty.0001_proxy.mp4"}}}',
    )
  })

  it("tells of further outputs where their profile asks for it", () => {
    const further = (name: string, isNotified: boolean) => {
      const output = { ...made().thumbnail, key: `.proxies/a_${name}.jpg`, sizeBytes: 7 }
      return { name, isNotified, output }
    }
    const furtherOutputs = [further("preview", true), further("square", false)]
    const [generated, completion] = messagesOf({ made: { ...made(), furtherOutputs } })
    const preview = "s3://bucket/.proxies/a_preview.jpg"
    expect(generated?.value).toMatchObject({ preview_uri: preview, preview_size_bytes: 7 })
    expect(completion?.value).toMatchObject({ data: { metadata: { preview_uri: preview, preview_url: preview } } })
    expect(JSON.stringify([generated, completion])).not.toContain("square")
  })

  it("leaves project and shot out when the trigger named none", () => {
    const { element, ...rest } = made()
    const [generated] = messagesOf({ made: { ...rest, element: { ...element, projectId: null, shotId: "" } } })
    expect(generated?.value).not.toHaveProperty("project_id")
    expect(generated?.value).not.toHaveProperty("shot_id")
  })

  it("tells of a failure with the completion event alone: success false, an error, no metadata", () => {
    const failed = elementFailed({ bucket: "b", key: "k.exr", jobId: "job-7" }).value
    const messages = messagesOf({ failed })
    expect(messages).toHaveLength(1)
    expect(messages[0]?.value).toMatchObject({
      data: { success: false, job_id: "job-7", error: `${failed.code}: ${failed.says}` },
    })
    expect(messages[0]?.value).not.toHaveProperty("data.metadata")
  })
})

describe("what the outside is told of a sequence", () => {
  const { value } = movieMade()
  const told = (with_: Partial<typeof value> = {}) => {
    const fact = { ...value, ...with_ }
    if (fact.movie === null) throw new Error("without a movie nothing is told")
    return messagesOf({ movie: { ...fact, movie: fact.movie } })
  }

  it("is sequence.generated, in the envelope of completion events", () => {
    expect(told()).toEqual([
      {
        channel: "completion",
        key: value.sequence.sequenceId,
        value: {
          specversion: "1.0",
          type: "sequence.generated",
          source: "spaceharbor/oiio_proxy_generator",
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          time: "2026-04-01T00:01:01.000Z",
          datacontenttype: "application/json",
          data: {
            sequence_id: value.sequence.sequenceId,
            revision: value.revision,
            function_id: "oiio_proxy_generator",
            s3_bucket: "show",
            folder: "renders/shot_010/",
            head: "beauty.",
            tail: ".exr",
            frames: "1001-1040",
            failed: "",
            missing: "",
            held: "",
            movie_uri: "s3://show/renders/shot_010/.proxies/beauty_movie.mp4",
            manifest_uri: "s3://show/renders/shot_010/.proxies/beauty_sequence.json",
            poster_uri: "s3://show/renders/shot_010/.proxies/beauty_poster.jpg",
            sprites_uri: "s3://show/renders/shot_010/.proxies/beauty_sprites.jpg",
            sprites_vtt_uri: "s3://show/renders/shot_010/.proxies/beauty_sprites.vtt",
            movie_size_bytes: 1_234_567,
            movie_frames: 40,
            frame_rate: "24000/1001",
            timecode: "00:00:41:17",
            width: 1920,
            height: 1080,
            integrity: { is_sound: true, first_frame: null, findings: {}, failed: [], drift: [] },
          },
        },
      },
    ])
  })

  it("says what is wrong with the sequence, and nothing of what is not", () => {
    const [frozen, size] = [
      { count: 2, ranges: "1005-1006", more: 0 },
      { count: 1, ranges: "1007", more: 0 },
    ]
    const drift = [{ trait: "size", usual: "1920x1080", others: [{ value: "960x540", frames: size }], frames: size }]
    const failed = [{ code: "picture/damaged", frames: size }]
    const [message] = told({ report: integrityReport({ isSound: false, frozen, drift, failed }) })
    expect(message?.value).toMatchObject({
      data: {
        integrity: {
          ...{ is_sound: false, first_frame: null, findings: { frozen } },
          failed: [{ code: "picture/damaged", ...size }],
          drift: [{ trait: "size", usual: "1920x1080", ...size }],
        },
      },
    })
    expect(told({ report: null })[0]?.value).toMatchObject({ data: { integrity: null } })
  })

  it("has one id per revision, so that a redelivery repeats it", () => {
    const idOf = (with_: Partial<typeof value>) => told(with_)[0]?.value.id
    expect(idOf({ reused: true, generatedAtUs: 1 })).toBe(idOf({}))
    expect(idOf({ revision: "another" })).not.toBe(idOf({}))
  })
  it("is told once more with its review copy, under an id of that copy's own", () => {
    const copied = (generatedAtUs?: number) => {
      const { review, made, ...of } = reviewMade(generatedAtUs === undefined ? {} : { generatedAtUs }).value
      if (review === null || made?.movie == null) throw new Error("without a copy nothing is told")
      return messagesOf({ copy: { ...of, review, made: { ...made, movie: made.movie } } })[0]
    }
    const [movie] = told()
    const { id: _, time: __, data, ...envelope } = movie?.value ?? {}
    const review = {
      review_uri: "s3://show/renders/shot_010/.proxies/beauty_review.mp4",
      ...{ review_size_bytes: 345_678, review_frames: 41, review_timecode: "00:00:41:16" },
    }
    expect(copied()).toMatchObject({
      ...{ channel: "completion", key: movie?.key },
      value: { ...envelope, time: "2026-04-01T00:01:02.000Z", data: { ...(data as object), ...review } },
    })
    expect([copied()?.value.id, copied(1)?.value.id]).not.toContain(movie?.value.id)
    expect(copied()?.value.id).toBe(copied()?.value.id)
    expect(copied()?.value.id).not.toBe(copied(1)?.value.id)
  })
})
