import { expect, it } from "vitest"
import { virtualClock } from "../../test/driver/virtual-clock.ts"
import { recorded } from "../cli/testing/console.ts"
import { EPOCH_MS } from "../events/testing/facts.ts"
import { openLogger } from "./logger.ts"
import { openMetrics } from "./metrics.ts"
import { openServiceObserver } from "./service-observer.ts"

it("completions that nobody is told of are counted each, and said once in a while", async () => {
  const [clock, metrics, stderr] = [virtualClock(EPOCH_MS), openMetrics(), recorded()]
  const logger = openLogger({ config: { logLevel: "info", logFormat: "json" }, stderr, secrets: [] })
  const { observe } = openServiceObserver(logger, metrics, clock)
  for (const key of ["a.exr", "b.exr"]) observe({ kind: "no-job", bucket: "show", key, success: true })
  observe({ kind: "no-job", bucket: "show", key: "broken.exr", success: false })
  const text = await metrics.text([], EPOCH_MS)
  expect(text).toContain('oiio_completions_without_job_total{success="true"} 2')
  expect(text).toContain('oiio_completions_without_job_total{success="false"} 1')
  const lines = stderr.text().trimEnd().split("\n")
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { bucket: "show", key: "a.exr", success: true, msg: "no job is named: no completion is told" },
  ])
})
