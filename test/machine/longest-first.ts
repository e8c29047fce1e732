import { relative } from "node:path"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Files that take longest where a machine has two cores, the longest first. Any that is missing here costs time, nothing else. */
const LONGEST = [
  "test/platform/kills.int.test.ts",
  "test/platform/chaos.int.test.ts",
  "test/platform/long-render.int.test.ts",
  "test/platform/burst.int.test.ts",
  "src/table/trino.int.test.ts",
  "test/platform/bad-starts.int.test.ts",
  "test/services/command.int.test.ts",
  "test/platform/rebuild.int.test.ts",
  "test/headers.int.test.ts",
  "test/platform/compose.int.test.ts",
  "src/log/kafka/contract.int.test.ts",
  "src/picture/pixels/render.test.ts",
  "test/watch.test.ts",
  "test/disks.test.ts",
  "test/package.test.ts",
  "test/package-events.test.ts",
  "test/read-only-share.test.ts",
  "src/picture/engines/one-image.test.ts",
  "test/crash/crash.test.ts",
  "test/stopping.test.ts",
]

/**
 * Order of test files. Vitest starts with the largest files until it has measured them, and CI never has: the last one would
 * often be a long one, beside which nothing else is left to run.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONGEST.indexOf(relative(this.ctx.config.root, moduleId))
      return rank === -1 ? LONGEST.length : rank
    }
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}
