import type { ElementRow, ProxyOutputRow } from "../rows.ts"

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
