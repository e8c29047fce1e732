import { describe, expect, it } from "vitest"
import { type Config, loadConfig } from "./index.ts"
import { colourSettingsFor, renderSettingsFor } from "./pictures.ts"
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
