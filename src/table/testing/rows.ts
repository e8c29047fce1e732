import type { AttributeRow, ElementRow, FileRow, Inspection, ProxyOutputRow, SequenceRow } from "../rows.ts"

/** Valid rows for tests. */

export const proxyOutput = (with_: Partial<ProxyOutputRow> = {}): ProxyOutputRow => ({
  proxy_id: "df7de168-08b3-5940-beda-8de4a1345902",
  file_id: "c569308e3b01f778",
  s3_key: "renders/shot_010/beauty.0001.exr",
  s3_bucket: "bucket",
  asset_id: "3c6e1c31ae45e0f1",
  thumbnail_s3_key: "renders/shot_010/.proxies/beauty.0001_thumb.jpg",
  proxy_s3_key: "renders/shot_010/.proxies/beauty.0001_proxy.mp4",
  thumbnail_size_bytes: 14_213,
  proxy_size_bytes: 96_121,
  source_size_bytes: 52_428_800,
  source_colorspace: "lin_rec709",
  thumb_colorspace: "sRGB",
  proxy_colorspace: "Rec709",
  thumb_resolution: "256x256",
  proxy_resolution: "1920x1080",
  processing_time_seconds: 9.41,
  generated_timestamp: "2026-04-01T00:00:09.412345+00:00",
  generator_version: "3.0.0",
  ...with_,
})

export const elementRow = (with_: Partial<ElementRow> = {}): ElementRow => ({
  bucket: "bucket",
  key: "renders/shot_010/beauty.0001.exr",
  version_order: "00001775001609412345",
  element_id: "element-1",
  state: "done",
  source_version: "etag-1",
  render_key: "00112233445566778899aabbccddeeff",
  file_id: "c569308e3b01f778",
  stage: null,
  failure_code: null,
  failure_kind: null,
  failure_says: null,
  attempts: 1,
  attempt: 0,
  thumbnail_key: "renders/shot_010/.proxies/beauty.0001_thumb.jpg",
  proxy_key: "renders/shot_010/.proxies/beauty.0001_proxy.mp4",
  changed_at_ms: 1_775_001_609_412,
  ...with_,
})

export const sequenceRow = (with_: Partial<SequenceRow> = {}): SequenceRow => ({
  bucket: "bucket",
  folder: "renders/shot_010/",
  head: "beauty.",
  tail: ".exr",
  version_order: "000001775001660000~0123|2",
  sequence_id: "df7de168-08b3-5940-beda-8de4a1345902",
  state: "made",
  revision: "0123456789abcdef0123456789abcdef",
  frames_made: "1001-1002,1004",
  frames_failed: "",
  frames_missing: "1003",
  frames_held: "1003",
  gaps: "hold",
  movie_key: "renders/shot_010/.proxies/beauty_movie.mp4",
  manifest_key: "renders/shot_010/.proxies/beauty_sequence.json",
  poster_key: null,
  sprites_key: null,
  sprites_vtt_key: null,
  movie_size_bytes: 1_234_567,
  movie_frames: 4,
  movie_resolution: "1920x1080",
  frame_rate: "24000/1001",
  timecode: "00:00:41:17",
  failure_code: null,
  failure_says: null,
  changed_at_ms: 1_775_001_661_000,
  ...with_,
})

/** Rows about a header of one part with `channels`; what varies between tests is taken. */
export const inspection = (
  with_: Partial<FileRow> = {},
  lists: { readonly channels?: readonly string[]; readonly attributes?: readonly Partial<AttributeRow>[] } = {},
): Inspection => {
  const file: FileRow = {
    file_id: "c569308e3b01f778",
    file_path: "renders/shot_010/beauty.0001.exr",
    file_path_normalized: "renders/shot_010/beauty.0001.exr",
    header_hash: "0f".repeat(32),
    size_bytes: 52_428_800,
    mtime: "2026-04-01T00:00:00+00:00",
    multipart_count: 1,
    is_deep: false,
    metadata_embedding: null,
    frame_number: 1,
    inspection_timestamp: "2026-04-01T00:00:01.000000+00:00",
    inspection_count: 1,
    last_inspected: "2026-04-01T00:00:01.000000+00:00",
    s3_bucket: "bucket",
    ...with_,
  }
  const { file_id, file_path, s3_bucket } = file
  const own = { file_id, file_path, part_index: 0 }
  return {
    file,
    parts: [{ ...own, ...PART, s3_bucket }],
    channels: (lists.channels ?? ["B", "G", "R"]).map((channel_name) => ({
      ...own,
      channel_name,
      layer_name: "",
      component_name: channel_name,
      channel_type: "HALF",
      x_sampling: 1,
      y_sampling: 1,
      channel_fingerprint: null,
      s3_bucket,
    })),
    attributes: (lists.attributes ?? [{}]).map((attribute) => ({ ...own, ...ATTRIBUTE, ...attribute, s3_bucket })),
  }
}

const PART = {
  width: 1920,
  height: 1080,
  display_width: 1920,
  display_height: 1080,
  data_x_offset: 0,
  data_y_offset: 0,
  part_name: null,
  view_name: null,
  multi_view: false,
  data_window: '{"min":{"x":0,"y":0},"max":{"x":1919,"y":1079}}',
  display_window: '{"min":{"x":0,"y":0},"max":{"x":1919,"y":1079}}',
  pixel_aspect_ratio: 1,
  line_order: "INCREASING_Y",
  compression: "zip",
  color_space: "ACEScg",
  render_software: null,
  is_tiled: true,
  tile_width: 64,
  tile_height: 64,
  tile_depth: 1,
  is_deep: false,
}

const ATTRIBUTE = {
  attr_name: "owner",
  attr_type: "string",
  value_json: '"Copyright 2026"',
  value_text: "Copyright 2026",
  value_int: null,
  value_float: null,
}
