import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { LongestFirst } from "./test/machine/longest-first.ts"

const report = process.env.VITEST_REPORT

const services = process.env.TEST_SERVICES === "1"

/** `npm test` runs what needs nothing outside the process; TEST_SERVICES=1 runs what needs real servers. */
export default defineConfig({
  test: {
    include: services ? ["**/*.int.test.ts"] : ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", "vendor/**", ".tools/**", ...(services ? [] : ["**/*.int.test.ts"])],
    // Real renders and servers on slow, shared machines: a deadline is there to end a hang, not to measure. So say no test
    // and no poll anything shorter.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000, interval: 20 } },
    globalSetup: ["test/machine/built-page.ts", ...(services ? ["test/services/global-setup.ts"] : [])],
    pool: "forks",
    // Vitest leaves one core to itself, of two. Much of the time tests wait: for servers, tools, and time-outs that they test.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    ...(report === undefined ? {} : { reporters: ["default", ["json", { outputFile: report }]] }),
  },
})
