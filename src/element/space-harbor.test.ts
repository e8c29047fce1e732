import { expect, it } from "vitest"
import { element, proxyMade } from "../events/testing/facts.ts"
import { outputTags, withStatedIds } from "./space-harbor.ts"

const anElement = (given: Parameters<typeof element>[0]) =>
  element({ jobId: null, projectId: null, shotId: null, ...given })

const idsOf = ({ jobId, projectId, shotId }: ReturnType<typeof withStatedIds>) => [jobId, projectId, shotId]

it("ids are the trigger's, else those of tags, else those of the metadata", () => {
  const labels = {
    tags: { "ah-job-id": "tagged", "ah-project-id": "tagged" },
    metadata: { "job-id": "noted", "project-id": "noted", "shot-id": "noted" },
  }
  expect(idsOf(withStatedIds(anElement({ jobId: "told" }), labels))).toEqual(["told", "tagged", "noted"])
  expect(idsOf(withStatedIds(anElement({ jobId: "" }), labels))).toEqual(["tagged", "tagged", "noted"])
})

it.each(["", "  ", "x".repeat(257)])("an object that states %j as its job states none", (job) => {
  expect(withStatedIds(anElement({}), { tags: { "ah-job-id": job }, metadata: {} }).jobId).toBeNull()
})

it("outputs carry the tags of SpaceHarbor's catalog, as far as they are known and S3 takes them", () => {
  const arrival = anElement({ projectId: "p 1", arrivedAtMs: Date.UTC(2026, 3, 1) })
  const source = { ...proxyMade().value.source, assetId: "asset;1" }
  expect(
    outputTags({ element: arrival, source, labels: { tags: { "ah-version-id": "v7" }, metadata: {} } }, "video/mp4"),
  ).toEqual({
    "ah-project-id": "p 1",
    "ah-version-id": "v7",
    "ah-media-type": "video",
    "ah-pipeline-stage": "proxy-generated",
    "ah-ingest-timestamp": "2026-04-01T00:00:00.000Z",
  })
  const nothingStated = { element: anElement({}), source, labels: { tags: {}, metadata: {} } }
  expect(Object.keys(outputTags(nothingStated, "application/json"))).toEqual([
    "ah-pipeline-stage",
    "ah-ingest-timestamp",
  ])
})
