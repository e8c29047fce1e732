import { expect, it } from "vitest"
import { loadConfig } from "./index.ts"
import { settingsDoc } from "./settings-doc.ts"
import { SETTING_NAMES, SETTINGS, settingOf } from "./table.ts"

it("docs/settings.md says what the table of settings says", async () => {
  await expect(settingsDoc()).toMatchFileSnapshot("../../docs/settings.md")
})

it("every default is a value that the setting itself would take", () => {
  const loaded = loadConfig({ flags: {}, env: {}, cwd: "/", defaultStateDir: "state", cores: 4 })
  if (!loaded.ok) throw new Error(loaded.failure.says)
  for (const name of SETTING_NAMES) {
    const { parse, show, default: fallback } = settingOf(name)
    if (typeof fallback === "function" || fallback === null || Array.isArray(fallback)) continue
    expect(parse(show(fallback)), name).toEqual(fallback)
  }
  expect(Object.keys(loaded.value.config)).toEqual(Object.keys(SETTINGS))
})
