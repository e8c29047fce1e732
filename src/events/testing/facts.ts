/** Valid facts for tests: each builder makes a whole record, and takes the fields that matter to the test. */
import { encodeFact } from "../codec.ts"
import type { Fact, FactOf } from "../fact.ts"
import type {
  Element,
  ElementCreated,
  ElementFailed,
  ElementRemoved,
  FailureDismissed,
  Output,
  ProxyMade,
  RemovalReported,
  Source,
} from "../records.generated.ts"

/** Bytes of a fact that fits its schema. */
export function factBytes(fact: Fact, schemaId: number): Buffer {
  const bytes = encodeFact(fact, schemaId)
  if (!bytes.ok) throw new Error(bytes.failure.says)
  return bytes.value
}

/** Midnight of the worked examples: 2026-04-01T00:00:00Z, epoch milliseconds. */
export const EPOCH_MS = 1_775_001_600_000

export const element = (with_: Partial<Element> = {}): Element => {
  const key = with_.key ?? "renders/shot_010/beauty.0001.exr"
  return {
    elementId: `element of ${key}`,
    triggerId: `trigger of ${key}`,
    trigger: "ObjectCreated:Put",
    bucket: "show",
    key,
    keyAlternative: null,
    force: false,
    attempt: 0,
    etag: null,
    sizeBytes: null,
    versionId: null,
    sequencer: null,
    assetId: null,
    jobId: null,
    projectId: "p1",
    shotId: "sh010",
    traceparent: null,
    tracestate: null,
    arrivedAtMs: EPOCH_MS,
    ...with_,
  }
}

export const source = (with_: Partial<Source> = {}): Source => ({
  sourceVersion: "etag-1/1775001600000/52428800",
  fileId: "c569308e3b01f778",
  assetId: "3c6e1c31ae45e0f1",
  mtime: "2026-04-01T00:00:00+00:00",
  lastModifiedMs: EPOCH_MS,
  sizeBytes: 52_428_800,
  etag: "etag-1",
  versionId: null,
  ...with_,
})

const output = (key: string, width: number, height: number): Output => ({
  key,
  sizeBytes: 14_213,
  contentType: width === height ? "image/jpeg" : "video/mp4",
  colorspace: width === height ? "sRGB" : "Rec709",
  width,
  height,
  pictureX: 0,
  pictureY: 0,
  pictureWidth: width,
  pictureHeight: height,
  bucket: null,
})

const box = { xMin: 0, yMin: 0, xMax: 4095, yMax: 2159 }

export const elementCreated = (
  of: Partial<Element> = {},
  with_: Partial<ElementCreated> = {},
): FactOf<"element-created"> => {
  const arrival = element(of)
  return {
    topic: "element-created",
    value: {
      factId: `created/${arrival.elementId}`,
      causationId: arrival.triggerId,
      recordedAtMs: EPOCH_MS,
      element: arrival,
      logicalTimeMs: null,
      requestedBy: null,
      ...with_,
    },
  }
}

const made = (arrival: Element): ProxyMade => ({
  factId: `proxy-made/${arrival.elementId}`,
  causationId: `thumbnail-made/${arrival.elementId}`,
  recordedAtMs: EPOCH_MS + 9_412,
  element: arrival,
  source: source(),
  renderKey: "00112233445566778899aabbccddeeff",
  proxyId: `proxy of ${arrival.bucket}/${arrival.key}`,
  selection: {
    format: "exr",
    compression: "zip",
    part: 0,
    partName: null,
    view: null,
    layer: null,
    channels: ["R", "G", "B"],
    reason: "The only part, its unprefixed channels R, G and B.",
    deep: false,
    tiled: false,
    displayWindow: box,
    dataWindow: box,
    pixelAspect: 1,
    orientation: 1,
    frameRate: { num: 24_000, den: 1_001 },
    timecode: "01:00:00:00",
  },
  colorspace: {
    name: "lin_rec709",
    configSpace: "Linear Rec.709 (sRGB)",
    encoding: "scene-linear",
    matrix: [],
    rule: "default",
    evidence: "An EXR without chromaticities is linear Rec.709.",
    look: "un-tone-mapped",
    configHash: "0123456789abcdef",
  },
  thumbnail: output("renders/shot_010/.proxies/beauty.0001_thumb.jpg", 256, 256),
  proxy: output("renders/shot_010/.proxies/beauty.0001_proxy.mp4", 1920, 1080),
  route: "oiiotool",
  recipe: 1,
  toolVersions: { oiiotool: "3.1.4", ffmpeg: "7.0.2" },
  timingsMs: { fetch: 12.5, decode: 80, encode: 41.25 },
  nonFiniteCount: 0,
  ...{ allBlack: false, nearlyBlack: false, depth: "half", allChannels: "A,B,G,R", thumbnailHash: "0123456789abcdef" },
  ...{ warnings: [], reused: false, logicalTimeMs: null, furtherOutputs: [] },
  generatedAtUs: (EPOCH_MS + 9_412) * 1_000 + 345,
  processingTimeSeconds: 9.41,
  generatorVersion: "3.0.0",
  contentHash: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
  contentSha256: null,
  pictureKey: "ffeeddccbbaa99887766554433221100",
})

export const proxyMade = (of: Partial<Element> = {}, with_: Partial<ProxyMade> = {}): FactOf<"proxy-made"> => ({
  topic: "proxy-made",
  value: { ...made(element(of)), ...with_ },
})

export const elementFailed = (
  of: Partial<Element> = {},
  with_: Partial<ElementFailed> = {},
): FactOf<"element-failed"> => {
  const arrival = element(of)
  return {
    topic: "element-failed",
    value: {
      factId: `failed/${arrival.elementId}`,
      causationId: `created/${arrival.elementId}`,
      recordedAtMs: EPOCH_MS + 5_020,
      element: arrival,
      source: null,
      renderKey: null,
      stage: "render-outputs",
      code: "picture/damaged",
      kind: "permanent",
      says: "The file ends at scan line 812 of 2160. Render it again.",
      attempts: 1,
      failedAtUs: (EPOCH_MS + 5_020) * 1_000,
      generatorVersion: "3.0.0",
      logicalTimeMs: null,
      ...with_,
    },
  }
}

export const removalReported = (
  of: Partial<Element> = {},
  with_: Partial<RemovalReported> = {},
): FactOf<"removal-reported"> => {
  const report = element({ trigger: "ObjectRemoved:Delete", ...of })
  return {
    topic: "removal-reported",
    value: {
      factId: `reported/${report.elementId}`,
      causationId: report.triggerId,
      recordedAtMs: EPOCH_MS,
      element: report,
      sourceVersion: null,
      eventTimeMs: EPOCH_MS - 40,
      logicalTimeMs: null,
      ...with_,
    },
  }
}

export const elementRemoved = (
  of: Partial<Element> = {},
  with_: Partial<ElementRemoved> = {},
): FactOf<"element-removed"> => {
  const report = element({ trigger: "ObjectRemoved:Delete", ...of })
  return {
    topic: "element-removed",
    value: {
      factId: `removed/${report.elementId}`,
      causationId: `reported/${report.elementId}`,
      recordedAtMs: EPOCH_MS + 12,
      element: report,
      sourceVersion: null,
      eventTimeMs: EPOCH_MS - 40,
      confirmedAtUs: (EPOCH_MS + 12) * 1_000,
      generatorVersion: "3.0.0",
      logicalTimeMs: null,
      ...with_,
    },
  }
}

export const failureDismissed = (
  of: Partial<Element> = {},
  with_: Partial<FailureDismissed> = {},
): FactOf<"failure-dismissed"> => {
  const arrival = element({ trigger: "dismiss", ...of })
  return {
    topic: "failure-dismissed",
    value: {
      factId: `dismissed/${arrival.elementId}`,
      causationId: arrival.elementId,
      recordedAtMs: EPOCH_MS + 60_000,
      element: arrival,
      sourceVersion: null,
      renderKey: null,
      fileId: null,
      failure: { stage: "render-outputs", code: "picture/damaged", kind: "permanent", says: "Cut off.", attempts: 1 },
      dismissedBy: null,
      dismissedAtUs: (EPOCH_MS + 60_000) * 1_000,
      generatorVersion: "3.0.0",
      logicalTimeMs: EPOCH_MS + 1,
      ...with_,
    },
  }
}
