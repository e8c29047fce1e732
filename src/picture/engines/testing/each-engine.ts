import { afterAll, beforeAll, describe } from "vitest"
import { ENGINE_NAMES, type EngineName } from "./engines.ts"
import { openStudio, type Studio } from "./studio.ts"

/**
 * What every engine does, tested of each: `describe` with a studio of its own an engine. `setUp` is told the studio before
 * the first test, to keep it and to make files in it.
 */
export const eachEngine =
  (setUp: (studio: Studio) => Promise<unknown> | unknown) =>
  (title: string, tests: (engine: EngineName) => void): void => {
    for (const name of ENGINE_NAMES) {
      describe(`${title} (${name})`, () => {
        let studio: Studio
        beforeAll(async () => {
          studio = await openStudio(name)
          await setUp(studio)
        })
        afterAll(() => studio.close())
        tests(name)
      })
    }
  }
