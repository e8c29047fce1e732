import type { Studio } from "../../engines/testing/studio.ts"
import { findGuards } from "../../tools/guards.ts"
import type { Bakery } from "../convert.ts"

/** The pinned oiiotool at work in a studio's folder. */
export const bakeryIn = async ({ folder }: Studio): Promise<Bakery> => ({
  oiiotool: {
    program: new URL("../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url).pathname,
    version: { major: 3 },
  },
  limits: { timeoutMs: 100_000, memoryLimitBytes: 4 * 2 ** 30 },
  guards: await findGuards(),
  folder,
  signal: new AbortController().signal,
})
