import { defineConfig } from "vitest/config"

const report = process.env.VITEST_REPORT

const services = process.env.TEST_SERVICES === "1"

/** `npm test` runs what needs nothing outside the process; TEST_SERVICES=1 runs what needs real servers. */
export default defineConfig({
  test: {
    include: services ? ["**/*.int.test.ts"] : ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", "vendor/**", ".tools/**", ...(services ? [] : ["**/*.int.test.ts"])],
    // Real renders on slow, shared machines: a deadline is there to end a hang, not to measure.
    testTimeout: 120_000,
    // A hook may be the first to ask for Trino, on a machine that is busy.
    hookTimeout: services ? 300_000 : 120_000,
    globalSetup: services ? ["test/services/global-setup.ts"] : [],
    pool: "forks",
    ...(report === undefined ? {} : { reporters: ["default", ["json", { outputFile: report }]] }),
  },
})
