import { describe, expect, it } from "vitest"
import { type Config, loadConfig } from "./index.ts"
import { renderSettingsFor } from "./render-settings.ts"
import { SETTINGS } from "./table.ts"

const { parse, problem, show } = SETTINGS.pictureRules

function configWith(raw: unknown, flags: Readonly<Record<string, string>> = {}): Config {
  const loaded = loadConfig({ flags, env: {}, cwd: "/", defaultStateDir: "/state" })
  const pictureRules = parse(raw)
  if (!loaded.ok || pictureRules === undefined) throw new Error("the settings were refused")
  return { ...loaded.value.config, pictureRules }
}

const choiceOf = (config: Config, bucket: string, key: string) => renderSettingsFor(config, bucket, key).choice

describe("picture rules", () => {
  const rules = [
    { bucket: "renders", prefix: "lighting/", layer: "diffuse", channels: "R,G,B" },
    { prefix: "stereo/", view: "right", part: 2 },
    { prefix: "ids/", part: "2", channels: ["a,b"] },
    { prefix: "flow/", layer: "flow", asColour: true },
  ]

  it.each([
    ["renders", "lighting/a.exr", { layer: "diffuse", channels: ["R", "G", "B"] }],
    ["other", "lighting/a.exr", undefined],
    ["other", "stereo/a.exr", { view: "right", part: 2 }],
    ["other", "ids/a.exr", { part: 2, channels: ["a,b"] }],
    ["other", "flow/a.exr", { layer: "flow", asColour: true }],
    ["renders", "lighting", undefined],
  ])("choose of %s/%s: %j", (bucket, key, expected) => {
    expect(choiceOf(configWith(rules), bucket, key)).toEqual(expected)
  })

  it("go before the settings for all, which hold for what a rule leaves out", () => {
    const config = configWith(rules, { view: "left", layer: "rgba" })
    expect(choiceOf(configWith([], { asColour: "true" }), "b", "k")).toEqual({ asColour: true })
    expect(choiceOf(config, "renders", "lighting/a.exr")).toMatchObject({ layer: "diffuse", view: "left" })
    expect(choiceOf(config, "renders", "a.exr")).toEqual({ layer: "rgba", view: "left" })
  })

  it("leave nothing in the settings of pictures that nobody chose anything for", () => {
    expect(Object.keys(renderSettingsFor(configWith([]), "b", "k"))).not.toContain("choice")
  })

  it.each([
    [[{ layer: "x" }], "rule 1 needs a prefix"],
    [
      [
        { prefix: "", layer: "x" },
        { prefix: "", layr: "a" },
      ],
      'unknown key "layr". Did you mean "layer"?',
    ],
    [[{ prefix: "/a", layer: "x" }], "leading slash"],
    [[{ prefix: "a" }], "rule 1 decides nothing"],
    [[{ prefix: "a", view: 3 }], "must have text as its view"],
    [[{ prefix: "a", part: -1 }], "must have a whole number from 0"],
    [[{ prefix: "a", channels: "R,,B" }], "must have names as its channels"],
    [[{ prefix: "a", layer: "b", asColour: "no" }], "must have true as its asColour"],
    [[{ prefix: "a", dataRange: [1, 1] }], "must have two different numbers"],
    [[3], "rule 1 must be a mapping"],
  ])("are refused when one is wrong: %j", (raw, says) => {
    expect(parse(raw)).toBeUndefined()
    expect(problem?.(raw)).toContain(says)
  })

  it("are shown as they are written in the file", () => {
    expect(JSON.parse(show(parse(rules) ?? []))).toEqual(rules)
  })
})

describe("the settings part, view, layer and channels", () => {
  const load = (flags: Readonly<Record<string, string>>) =>
    loadConfig({ flags, env: {}, cwd: "/", defaultStateDir: "/state" })

  it("are taken as flags", () => {
    const loaded = load({ part: "2", view: "right", layer: "diffuse", channels: "R, G,B", dataRange: "1, 1e3" })
    expect(loaded.ok && loaded.value.config).toMatchObject({
      part: 2,
      view: "right",
      layer: "diffuse",
      channels: ["R", "G", "B"],
      dataRange: [1, 1000],
    })
  })

  it.each([{ channels: "R,,B" }, { layer: "" }, { part: " " }, { dataRange: "1" }, { dataRange: "a,b" }])(
    "are refused: %j",
    (flags) => {
      expect(load(flags).ok).toBe(false)
    },
  )
})
