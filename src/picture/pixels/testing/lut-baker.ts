import type { EngineFixture } from "../../engines/testing/engine-fixture.ts"
import { findGuards } from "../../tools/run-tool.ts"
import type { LutBaker } from "../through-config.ts"

/** The pinned oiiotool at work in a fixture's folder. */
export const lutBakerIn = async ({ folder }: EngineFixture): Promise<LutBaker> => ({
  oiiotool: {
    program: new URL("../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url).pathname,
    version: { major: 3 },
  },
  limits: { timeoutMs: 100_000, memoryLimitBytes: 4 * 2 ** 30 },
  guards: await findGuards(),
  folder,
  signal: new AbortController().signal,
})
