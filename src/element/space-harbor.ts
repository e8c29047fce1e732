/** SpaceHarbor's words about objects: the ids that it leaves on sources, and the tags that it looks for on outputs. */
import type { Element, Source } from "../events/records.generated.ts"

type Texts = Readonly<Record<string, string>>

/** What a store tells of an object beside its bytes. */
export type Labels = { readonly tags: Texts; readonly metadata: Texts }

/** Longest value of a tag that S3 takes. */
const MOST_CHARACTERS = 256

/** The word under which an id stands: as it is among metadata, with `ah-` before it among tags, which go first. */
function stated({ tags, metadata }: Labels, name: string): string | null {
  const id = (tags[`ah-${name}`] ?? metadata[name])?.trim() ?? ""
  return id === "" || id.length > MOST_CHARACTERS ? null : id
}

/** The element with the ids that its object states, where its trigger brought none. */
export const withStatedIds = (element: Element, labels: Labels): Element => ({
  ...element,
  jobId: element.jobId || stated(labels, "job-id"),
  projectId: element.projectId || stated(labels, "project-id"),
  shotId: element.shotId || stated(labels, "shot-id"),
})

/** What S3 takes as the value of a tag. */
const TAG = /^[\p{L}\p{N} +\-=._:/@]{1,256}$/u

/** SpaceHarbor's tags of an output, as its catalog looks for them; what is not known, or what S3 would refuse, is left out. */
export function outputTags(
  { element, source, labels }: { readonly element: Element; readonly source: Source; readonly labels: Labels },
  contentType: string,
): Texts {
  const [media = ""] = contentType.split("/")
  const tags = {
    "ah-project-id": element.projectId,
    "ah-asset-id": source.assetId,
    "ah-version-id": stated(labels, "version-id"),
    "ah-media-type": media === "image" || media === "video" ? media : null,
    "ah-pipeline-stage": "proxy-generated",
    "ah-ingest-timestamp": new Date(element.arrivedAtMs).toISOString(),
  }
  return Object.fromEntries(
    Object.entries(tags).flatMap(([name, value]) => (value !== null && TAG.test(value) ? [[name, value]] : [])),
  )
}
