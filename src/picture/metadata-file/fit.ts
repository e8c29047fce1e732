import type { FrameMetadata } from "./index.ts"

/** What SpaceHarbor reads of a file at most. */
export const MOST_BYTES = 2 * 1024 * 1024

/** Longest value of an attribute that is kept where all together are too long, characters of JSON. */
const SHORT_VALUE = 256

type Shrink = { readonly says: string; readonly of: (metadata: FrameMetadata) => FrameMetadata }

const attributesOf =
  (kept: (value: unknown) => boolean): Shrink["of"] =>
  (metadata) => ({
    ...metadata,
    attributes: { parts: metadata.attributes.parts.map((part) => part.filter(({ value }) => kept(value))) },
  })

/** What is left out, in this order, until the rest fits: what the panels need least goes first. */
const SHRINKS: readonly Shrink[] = [
  {
    says: "Long values of attributes are left out",
    of: attributesOf((value) => JSON.stringify(value).length <= SHORT_VALUE),
  },
  { says: "Attributes are left out", of: attributesOf(() => false) },
  { says: "AOVs are left out", of: (metadata) => ({ ...metadata, aovs: [] }) },
  ...[4096, 1024, 256].map((most) => ({
    says: `Channels beyond the first ${most} are left out`,
    of: (metadata: FrameMetadata) => ({ ...metadata, channels: metadata.channels.slice(0, most) }),
  })),
  ...[1024, 64, 1].map((most) => ({
    says: `Parts beyond the first ${most} are left out`,
    of: (metadata: FrameMetadata) => ({
      ...metadata,
      parts: metadata.parts.slice(0, most),
      channels: metadata.channels.slice(0, 64),
      attributes: { parts: metadata.attributes.parts.slice(0, most) },
    }),
  })),
  {
    says: "Camera and production are left out",
    of: (metadata) => ({ ...metadata, camera: {}, production: {} }),
  },
]

/** The metadata as JSON of at most `mostBytes`; what had to go is told among its warnings. */
export function fittedText(metadata: FrameMetadata, mostBytes = MOST_BYTES): string {
  let [fitted, text] = [metadata, JSON.stringify(metadata)]
  for (const { says, of } of SHRINKS) {
    if (Buffer.byteLength(text) <= mostBytes) return text
    const shrunk = of(fitted)
    const { extraction } = shrunk
    const warning = `${says}: the whole would be longer than ${mostBytes} bytes.`
    fitted = { ...shrunk, extraction: { ...extraction, warnings: [...extraction.warnings, warning] } }
    text = JSON.stringify(fitted)
  }
  return text
}
