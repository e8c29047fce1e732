import { describe, expect, it } from "vitest"
import { openSetup } from "../picture/engines/setup.ts"
import { colourProblem } from "./colour-problem.ts"
import type { ColourRule } from "./colour-rules.ts"

type Settings = Parameters<typeof colourProblem>[0]

const rule = (of: Partial<ColourRule>): ColourRule => ({
  bucket: null,
  prefix: "",
  inputSpace: null,
  look: null,
  ...of,
})

/** What the start says of these settings with the bundled config; null where it goes on. */
async function said(settings: Partial<Settings>): Promise<string | null> {
  const all: Settings = { look: "un-tone-mapped", colourRules: [], ocioConfigPath: null, ...settings }
  const setup = await openSetup({ colourProblem: (names) => colourProblem(all, names) })
  if (setup.ok) return null
  expect(setup.failure).toMatchObject({ code: "config/invalid", kind: "permanent" })
  return setup.failure.says
}

describe("the colours that settings name", () => {
  it.each<readonly [string, Partial<Settings>]>([
    ["nothing but defaults", {}],
    ["a view by its own name", { look: "ACES SDR" }],
    ["spaces in any spelling", { colourRules: [rule({ inputSpace: "ARRI LogC4" }), rule({ inputSpace: "slog3" })] }],
    ["a look of a rule", { colourRules: [rule({ look: "aces-sdr" })] }],
  ])("may be %s", async (_, settings) => {
    expect(await said(settings)).toBeNull()
  })

  it.each<readonly [string, Partial<Settings>, string]>([
    [
      "a look that nobody has",
      { look: "aces-sdrr" },
      'The setting look (OIIO_LOOK) names the look "aces-sdrr", which the bundled OCIO config lacks. Did you mean "aces-sdr"?',
    ],
    [
      "a rule's look",
      { colourRules: [rule({}), rule({ look: "Filmic" })] },
      'Rule 2 of colourRules names the look "Filmic", which the bundled OCIO config lacks.',
    ],
    [
      "a rule's input space",
      { colourRules: [rule({ inputSpace: "LogC44" })] },
      'Rule 1 of colourRules names the input space "LogC44", which the bundled OCIO config lacks. Did you mean "LogC4"?',
    ],
  ])("end the start where they name %s that is not there", async (_, settings, sentence) => {
    expect(await said(settings)).toBe(sentence)
  })
})
