import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { framesOfText } from "../../element/frame-ranges.ts"
import { readOtio } from "./otio.ts"

const time = (value: number, rate = 24) => ({ OTIO_SCHEMA: "RationalTime.1", rate, value })
const range = (start: number, duration: number, rate = 24) => ({
  OTIO_SCHEMA: "TimeRange.1",
  start_time: time(start, rate),
  duration: time(duration, rate),
})

/** As OpenTimelineIO 0.18 writes it. */
const images = (with_: object = {}) => ({
  OTIO_SCHEMA: "ImageSequenceReference.1",
  metadata: {},
  name: "",
  available_range: range(0, 40),
  available_image_bounds: null,
  target_url_base: "file:///mnt/show/sh010/",
  name_prefix: "beauty.",
  name_suffix: ".exr",
  start_frame: 1001,
  frame_step: 1,
  rate: 24,
  frame_zero_padding: 4,
  missing_frame_policy: "hold",
  ...with_,
})

const clip = (reference: object | null, source: object | null = null) => ({
  OTIO_SCHEMA: "Clip.2",
  metadata: {},
  name: "sh010",
  source_range: source,
  media_references: { DEFAULT_MEDIA: reference },
  active_media_reference_key: "DEFAULT_MEDIA",
})

const timeline = (...clips: readonly object[]) => ({
  OTIO_SCHEMA: "Timeline.1",
  tracks: { OTIO_SCHEMA: "Stack.1", children: [{ OTIO_SCHEMA: "Track.1", kind: "Video", children: clips }] },
})

const PLACE = { bucket: "show", folder: "sh010/" }
const otio = (value: unknown) => readOtio(Buffer.from(JSON.stringify(value)), PLACE)

describe("an OpenTimelineIO file", () => {
  it("names sequences of images, with handles and without", () => {
    expect(otio(timeline(clip(images(), range(4, 32)), clip(null)))).toEqual({
      sequences: [
        {
          ...{
            folder: "sh010/",
            head: "beauty.",
            tail: ".exr",
            clip: "sh010",
            rate: { num: 24, den: 1 },
            gaps: "hold",
          },
          ...{ frames: "1001-1040", shown: "1005-1036" },
        },
      ],
      lies: [],
      lieCount: 0,
    })
  })

  // Frames as target_url_for_image_number of opentimelineio 0.18.1 numbers all images.
  it.each([
    ["a step", { frame_step: 2 }, null, "1001-1039x2", null],
    ["a step that does not come out even", { frame_step: 3 }, null, "1001-1037x3", null],
    ["a step, of which a part is shown", { frame_step: 2 }, range(5, 8), "1001-1039x2", "1007-1013x2"],
    ["media that start at an hour", { available_range: range(86400, 40) }, range(86404, 2), "1001-1040", "1005-1006"],
    ["a clip at another rate", {}, range(5, 40, 30), "1001-1040", "1005-1036"],
    ["no range of their own", { available_range: null }, range(0, 3), "1001-1003", null],
    ["negative frames", { start_frame: -3, available_range: range(0, 5) }, null, "-3-1", null],
    ["one frame", { available_range: range(0, 1) }, null, "1001", null],
  ])("counts %s", (_, with_, source, ...[frames, shown]) => {
    expect(otio(timeline(clip(images(with_), source)))).toMatchObject({ sequences: [{ frames, shown }], lieCount: 0 })
  })

  it("of the first version, and with patterns for the frames' names", () => {
    const external = { OTIO_SCHEMA: "ExternalReference.1", available_range: range(1001, 40, 23.976) }
    const of = (target_url: string) => ({ OTIO_SCHEMA: "Clip.1", media_reference: { ...external, target_url } })
    const expected = { head: "beauty.", tail: ".exr", frames: "1001-1040", rate: { num: 24000, den: 1001 } }
    for (const url of ["beauty.%04d.exr", "/mnt/sh010/beauty.####.exr", "beauty.@@@@.exr", "beauty.$F4.exr"])
      expect(otio(timeline(of(url)))).toMatchObject({ sequences: [{ ...expected, folder: "sh010/" }] })
    expect(otio(timeline(of("movie.mov")))).toEqual({ sequences: [], lies: [], lieCount: 0 })
  })

  it.each([
    ["frames out of its folder", { target_url_base: "../sh020/" }, null, /elsewhere/],
    ["frames of another bucket", { target_url_base: "s3://other/sh010/" }, null, /elsewhere/],
    ["a path as a name", { name_prefix: "../../etc/" }, null, /in no folder/],
    ["a start that is no number", { start_frame: "1001" }, null, /numbers its frames/],
    ["a start beyond all numbers", { start_frame: 2 ** 53 - 5 }, null, /numbers its frames/],
    ["a step of nothing", { frame_step: 0 }, null, /numbers its frames/],
    ["a rate of nothing", { rate: 0 }, null, /numbers its frames/],
    ["a range without end", { available_range: range(0, 1e12) }, null, /no range/],
    ["a range that is empty", { available_range: range(0, 0) }, null, /no range/],
    ["a range at no rate", { available_range: range(0, 40, 0) }, null, /no range/],
    ["a range that is none", { available_range: 7 }, null, /no range/],
    ["no range at all", { available_range: null }, null, /no range/],
    ["a cut outside its media", {}, range(30, 20), /said not to have/],
  ])("that lies is named and left out: %s", (_, with_, source, says) => {
    const found = otio(timeline(clip(images(with_), source), clip(images())))
    expect(found).toMatchObject({
      sequences: [{ frames: "1001-1040" }],
      lies: [expect.stringMatching(says)],
      lieCount: 1,
    })
  })

  it("is a problem where it is none, is huge, or is nested without end", () => {
    const problem = (text: string) => readOtio(Buffer.from(text), PLACE)
    for (const text of ["", "[]", "{}", "null", '{"OTIO_SCHEMA": 1}', "{", "\ufffe"])
      expect(problem(text)).toEqual({ problem: "is no OpenTimelineIO file" })
    expect(readOtio(Buffer.from([0xff, 0xfe]), PLACE)).toEqual({ problem: "is no OpenTimelineIO file" })
    expect(readOtio(new Uint8Array(65 * 2 ** 20), PLACE)).toEqual({ problem: "is larger than 64 MiB" })
    const nested = `{"OTIO_SCHEMA":"Timeline.1","a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`
    expect(problem(nested)).toEqual({ sequences: [], lies: [], lieCount: 0 })
    const many = `{"OTIO_SCHEMA":"Timeline.1","a":[${Array(1_000_001).fill("{}").join(",")}]}`
    expect(problem(many)).toEqual({ problem: "holds more than 1000000 objects" })
  })

  it("gives ranges that can be counted, or a lie, whatever its numbers are", () => {
    const numbers = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger())
    fc.assert(
      fc.property(
        fc.array(numbers, { minLength: 7, maxLength: 7 }),
        ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0]) => {
          const reference = images({ start_frame: a, frame_step: b, rate: c, available_range: range(d, e, c) })
          const found = otio(timeline(clip(reference, range(f, g, c))))
          if ("problem" in found) throw new Error(found.problem)
          expect(found.sequences.length + found.lieCount).toBe(1)
          for (const { frames } of found.sequences) expect(framesOfText(frames)).not.toBeNull()
        },
      ),
    )
  })

  it("leaves alone what tools have noted down for themselves", () => {
    expect(otio({ ...timeline(), metadata: timeline(clip(images())) })).toMatchObject({ sequences: [] })
  })
})
