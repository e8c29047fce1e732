import { defineConfig } from "vitest/config"

const services = process.env.TEST_SERVICES === "1"

/** `npm test` runs what needs nothing outside the process; TEST_SERVICES=1 runs what needs real servers. */
export default defineConfig({
  test: {
    include: services ? ["**/*.int.test.ts"] : ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", "vendor/**", ".tools/**", ...(services ? [] : ["**/*.int.test.ts"])],
    // Real renders on slow, shared machines: a deadline is there to end a hang, not to measure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
  },
})
