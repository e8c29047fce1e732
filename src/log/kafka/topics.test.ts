import { expect, it } from "vitest"
import { topicFindings, topicSettings } from "./topics.ts"

const settingsWith = (topic: Parameters<typeof topicSettings>[0], changed: Readonly<Record<string, string>> = {}) =>
  new Map(Object.entries({ ...topicSettings(topic), "min.insync.replicas": "2", ...changed }))

const findings = (
  topic: Parameters<typeof topicSettings>[0],
  changed: Readonly<Record<string, string>> = {},
  replicas = 3,
) =>
  topicFindings(topic, { name: `oiio.${topic}`, replicas, partitions: 2, settings: settingsWith(topic, changed) }).map(
    ({ severity, says }) => [severity, says.split(":")[0]],
  )

it("finds nothing wrong with topics as they are created", () => {
  expect([findings("proxy-made"), findings("element-created"), findings("dead-letter")]).toEqual([[], [], []])
})

it.each([
  [{ "retention.ms": "2592000000" }, "retention.ms is 2592000000"],
  [{ "retention.bytes": "1" }, "retention.bytes is 1"],
  [{ "cleanup.policy": "compact,delete" }, "cleanup.policy is compact,delete"],
  [{ "unclean.leader.election.enable": "true" }, "unclean.leader.election.enable is true"],
])("fails on a result topic with %o", (changed, says) => {
  expect(findings("element-failed", changed)).toEqual([["loss", says]])
})

it("warns of a shorter retention where nothing is kept for ever anyway", () => {
  expect(findings("element-created", { "retention.ms": "86400000" })).toEqual([["warning", "retention.ms is 86400000"]])
  expect(findings("element-created", { "retention.ms": "-1" })).toEqual([])
})

it("warns where one replica may acknowledge alone, or is alone", () => {
  expect(findings("proxy-made", { "min.insync.replicas": "1" })).toEqual([["warning", "min.insync.replicas is 1"]])
  expect(findings("proxy-made", {}, 1)).toEqual([["warning", "one replica"]])
})

it("says that it cannot know where the brokers do not tell", () => {
  const found = topicFindings("proxy-made", { name: "oiio.proxy-made", replicas: 3, partitions: 2, settings: null })
  expect(found).toMatchObject([{ severity: "warning", says: expect.stringContaining("by hand") }])
})
