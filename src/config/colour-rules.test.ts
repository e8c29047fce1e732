import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { renderKeyOf } from "../events/identity.ts"
import { openSetup } from "../picture/engines/setup.ts"
import { amfInput, amfText, CDL, cccText, ccText, NEUTRAL } from "../picture/looks/testing/look-texts.ts"
import { type ColourRule, colourProblem } from "./colour-rules.ts"
import { type Config, loadConfig, type Settings } from "./index.ts"
import { colourSettingsFor, renderSettingsFor } from "./render-settings.ts"
import { SETTINGS } from "./table.ts"

const { parse, problem } = SETTINGS.colourRules

function withRules(look: string, raw: unknown): Config {
  const loaded = loadConfig({ flags: { look }, env: {}, cwd: "/", defaultStateDir: "/state" })
  const colourRules = parse(raw)
  if (!loaded.ok || colourRules === undefined) throw new Error("the settings were refused")
  return { ...loaded.value.config, colourRules }
}

describe("colour rules", () => {
  const config = withRules("aces-sdr", [
    { bucket: "plates", prefix: "alexa/", inputSpace: "LogC3" },
    { prefix: "alexa/", look: "un-tone-mapped" },
    { bucket: "reviews", prefix: "", look: "Film" },
  ])

  it.each([
    ["plates", "alexa/a.exr", "LogC3", "aces-sdr"],
    ["other", "alexa/a.exr", null, "un-tone-mapped"],
    ["reviews", "x.exr", null, "Film"],
    ["reviews", "alexa/x.exr", null, "un-tone-mapped"],
    ["plates", "red/a.exr", null, "aces-sdr"],
    ["plates", "alexa", null, "aces-sdr"],
  ])("show %s/%s from %s with %s: the first rule that matches decides", (bucket, key, inputSpace, look) => {
    expect(colourSettingsFor(config, bucket, key)).toEqual({ inputSpace, look, cameraTokens: false })
  })

  it("are part of what decides a picture", () => {
    expect(renderSettingsFor(config, "reviews", "x.exr")).toMatchObject({ colour: { look: "Film" }, proxyCrf: 23 })
  })

  it.each([
    [[{ look: "x" }], "rule 1 needs a prefix"],
    [[{ prefix: "", look: "x" }, { prefx: "a" }], 'rule 2 has an unknown key "prefx". Did you mean "prefix"?'],
    [[{ prefix: "/a", look: "x" }], "leading slash"],
    [[{ prefix: "a" }], "rule 1 decides nothing"],
    [[{ prefix: "a", look: 3 }], "must have text as its look"],
    [[3], "rule 1 must be a mapping"],
  ])("are refused when one is wrong: %j", (raw, says) => {
    expect(parse(raw)).toBeUndefined()
    expect(problem?.(raw)).toContain(says)
  })

  it("are refused when they are no list", () => {
    expect(parse({ prefix: "a", look: "x" })).toBeUndefined()
  })
})

type NamedColours = Parameters<typeof colourProblem>[0]

const rule = (of: Partial<ColourRule>): ColourRule => ({
  bucket: null,
  prefix: "",
  inputSpace: null,
  look: null,
  ...of,
})

/** What the start says of these settings with the bundled config; null where it goes on. */
async function said(settings: Partial<NamedColours>): Promise<string | null> {
  const all: NamedColours = { look: "un-tone-mapped", colourRules: [], ocioConfigPath: null, ...settings }
  const setup = await openSetup({ colourProblem: (names) => colourProblem(all, names) })
  if (setup.ok) return null
  expect(setup.failure).toMatchObject({ code: "config/invalid", kind: "permanent" })
  return setup.failure.says
}

describe("the colours that settings name", () => {
  it.each<readonly [string, Partial<NamedColours>]>([
    ["nothing but defaults", {}],
    ["a view by its own name", { look: "ACES SDR" }],
    ["spaces in any spelling", { colourRules: [rule({ inputSpace: "ARRI LogC4" }), rule({ inputSpace: "slog3" })] }],
    ["a look of a rule", { colourRules: [rule({ look: "aces-sdr" })] }],
  ])("may be %s", async (_, settings) => {
    expect(await said(settings)).toBeNull()
  })

  it.each<readonly [string, Partial<NamedColours>, string]>([
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

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rules-"))
  await mkdir(join(folder, "grades"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const lay = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)

/** The settings with these rules in a file, and looks from the folder of that file. */
async function loaded(rules: string): Promise<Settings> {
  await lay("settings.yaml", `colourRules:\n${rules}\n`)
  const result = loadConfig({
    flags: { configFile: join(folder, "settings.yaml") },
    env: {},
    cwd: "/",
    defaultStateDir: "/s",
  })
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

const settingsFor = async (rules: string, key: string) => renderSettingsFor((await loaded(rules)).config, "show", key)

const keyOf = (settings: object): string =>
  renderKeyOf({ bucket: "show", key: "a.exr", sourceVersion: "1" }, settings, { recipe: 4, configHash: "c" })

describe("a rule's look file", () => {
  it("is found from the folder of the settings, and is part of what decides its pictures", async () => {
    await lay("grades/sh010.cc", ccText(CDL))
    const rules = "  - {prefix: sh010/, look: grades/sh010.cc, lookView: aces-sdr, lookSpace: ACEScc}"
    const { colour } = await settingsFor(rules, "sh010/a.exr")
    expect(colour).toMatchObject({
      look: "aces-sdr",
      lookFile: { name: "grades/sh010.cc", steps: [{ format: "cc", space: "ACEScc", output: "ACEScc" }] },
    })
    expect(colour.lookFile?.sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  it("leaves the view to the setting where the rule names none", async () => {
    await lay("grades/a.cc", ccText(CDL))
    expect((await settingsFor("  - {prefix: '', look: grades/a.cc}", "a.exr")).colour.look).toBe("un-tone-mapped")
  })

  it("makes pictures anew when its bytes change, and those of no others", async () => {
    const rules = "  - {prefix: sh010/, look: grades/b.cc}"
    await lay("grades/b.cc", ccText(CDL))
    const before = await settingsFor(rules, "sh010/a.exr")
    const others = await settingsFor(rules, "sh020/a.exr")
    await lay("grades/b.cc", ccText(NEUTRAL))
    expect(keyOf(await settingsFor(rules, "sh010/a.exr"))).not.toBe(keyOf(before))
    expect(keyOf(await settingsFor(rules, "sh020/a.exr"))).toBe(keyOf(others))
  })

  it("is no part of the renderKeys of pictures without one", async () => {
    const { colour } = await settingsFor("  - {prefix: x/, look: aces-sdr}", "a.exr")
    expect(Object.keys(colour)).toEqual(["inputSpace", "look", "cameraTokens"])
  })

  it("states the input space where it is an AMF file, unless the rule does", async () => {
    await lay("shot.amf", amfText(amfInput("urn:ampas:aces:transformId:v2.0:CSC.Arri.LogC4_to_ACES.a2.v1"), "2.0"))
    const stated = await settingsFor("  - {prefix: '', look: shot.amf}", "a.exr")
    expect(stated.colour).toMatchObject({ inputSpace: "LogC4", lookFile: { name: "shot.amf", steps: [] } })
    const own = await settingsFor("  - {prefix: '', look: shot.amf, inputSpace: LogC3}", "a.exr")
    expect(own.colour.inputSpace).toBe("LogC3")
  })

  it("is shown as it was written", async () => {
    await lay("two.ccc", cccText(["a", CDL], ["b", NEUTRAL]))
    const { config } = await loaded("  - {prefix: '', look: two.ccc, lookId: b}\n  - {prefix: x, look: aces-sdr}")
    expect(JSON.parse(SETTINGS.colourRules.show(config.colourRules))).toEqual([
      { bucket: null, prefix: "", inputSpace: null, look: "two.ccc", lookId: "b" },
      { bucket: null, prefix: "x", inputSpace: null, look: "aces-sdr" },
    ])
  })

  it.each([
    ["look: nowhere.cc", "rule 1 is of no use. The look file ", "nowhere.cc does not exist."],
    ["look: two.ccc", "holds several corrections, and lookId has to say which one", '"a", "b"'],
    ["look: two.ccc, lookId: c", "two.ccc holds no correction", '"c"'],
    ["look: aces-sdr, lookSpace: ACEScct", "rule 1 says lookSpace, but its look is no file", ""],
    ["lookId: a", "rule 1 says lookId, but its look is no file", ""],
    ["look: shot.amf, lookSpace: ACEScct", "an AMF file states its spaces itself", ""],
    ["look: grades/a.cc, lookId: a", "only .cdl and .ccc files hold several", ""],
    ["look: grades/a.cc, lookSpace: 3", "must have text as its lookSpace", ""],
    ["look: grades/a.cc, lookspace: x", 'unknown key "lookspace". Did you mean "lookSpace"?', ""],
  ])("ends the start where the rule says {%s}", async (rule, ...says) => {
    await lay("two.ccc", cccText(["a", CDL], ["b", NEUTRAL]))
    await lay("grades/a.cc", ccText(CDL))
    const refused = loaded(`  - {prefix: '', ${rule}}`)
    for (const words of says) await expect(refused).rejects.toThrow(words)
  })

  it.each([
    ["lookSpace: ACESccc", 'the space of its look (lookSpace) "ACESccc"'],
    ["lookOutput: Rec.7090", 'the space that its look gives (lookOutput) "Rec.7090"'],
    ["lookView: Filmic", 'the look "Filmic"'],
  ])("ends the start where the config lacks {%s}", async (rule, says) => {
    await lay("grades/a.cc", ccText(CDL))
    const { config } = await loaded(`  - {prefix: '', look: grades/a.cc, ${rule}}`)
    expect(await said(config)).toContain(says)
  })

  it("is no value of the setting for all, which says where it belongs", async () => {
    expect(await said({ look: "grade.cube" })).toContain("by the look of a rule")
  })
})
