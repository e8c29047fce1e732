import { afterAll, beforeAll, expect, it } from "vitest"
import type { Check } from "../../src/deployment/checks.ts"
import { linesOf } from "../machine/answers.ts"
import { eventually } from "../machine/eventually.ts"
import { type Ended, run } from "../machine/process.ts"
import type { Addresses } from "../services/index.ts"
import { withAdmin } from "../services/kafka-admin.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"

let servers: Addresses
let deployment: Deployment
beforeAll(async () => {
  servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "doctor", partitions: 2 })
})
afterAll(() => deployment.s3.destroy())

const doctor = async (): Promise<{ readonly ended: Ended; readonly checks: readonly Check[] }> => {
  const ended = await run(["doctor", "--json"], { env: deployment.env })
  return { ended, checks: linesOf<Check>(ended.stdout) }
}

const missing = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ verdict }) => verdict === "missing").map(({ what, says }) => `${what}: ${says}`)

it("doctor finds servers in order, and then the one topic that is gone", async () => {
  const before = await doctor()
  expect(missing(before.checks)).toEqual([])
  expect(before.ended.code).toBe(0)
  const fine = before.checks.filter(({ verdict }) => verdict === "ok").map(({ what }) => what)
  const { bucket, env } = deployment
  expect(fine).toEqual(
    expect.arrayContaining(["Kafka", "schema registry", `S3 bucket ${bucket}`, `S3 conditions of ${bucket}`]),
  )
  expect(before.checks.find(({ what }) => what === "Trino")?.says).toMatch(/proxy_outputs.*`projector` makes them/)

  const gone = env.KAFKA_COMPLETION_TOPIC ?? ""
  await withAdmin(servers.kafka.broker, async (admin) => {
    await admin.deleteTopics({ topics: [gone] })
    await eventually("the topic is gone", async () => !(await admin.listTopics()).includes(gone))
  })
  const after = await doctor()
  expect(missing(after.checks)).toEqual([expect.stringMatching(`^topic ${gone}: .*does not exist; run .topics create`)])
  expect(after.ended.code).toBe(3)
})
