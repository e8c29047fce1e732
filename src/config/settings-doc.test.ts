import { expect, it } from "vitest"
import { CONFIG_FILE_NAME, loadConfig } from "./index.ts"
import { flagOf, GROUPS, SETTING_NAMES, SETTINGS, type SettingName, settingOf } from "./table.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const code = (text: string | null): string => (text === null || text === "" ? "" : `\`${text}\``)

function defaultText(name: SettingName): string {
  const { default: value, defaultSays, show } = settingOf(name)
  return defaultSays ?? (typeof value === "function" ? "" : code(show(value)))
}

function row(name: SettingName): string {
  const { env, inFile, says, allowed } = settingOf(name)
  const cells = [
    inFile ? code(name) : "",
    code(env),
    code(flagOf(name)),
    defaultText(name),
    `${says} Allowed: ${allowed}.`,
  ]
  return `| ${cells.map(cell).join(" | ")} |`
}

const table = (names: readonly SettingName[]): string =>
  ["| in the file | environment | flag | default | what it does |", "|---|---|---|---|---|", ...names.map(row)].join(
    "\n",
  )

const HEAD = `# Settings

Generated from src/config/ by its test (\`vitest run src/config -u\`). Do not edit.

A flag beats the environment, the environment beats the file, the file beats the default. An empty environment variable
says nothing. \`oiio-proxy-generator config explain\` prints every value and where it came from, secrets masked. An unknown
name in the file and a value that is not allowed end the command with exit code 2 before anything starts.

The file is YAML: \`--config FILE\`, else \`OIIO_CONFIG\`, else \`${CONFIG_FILE_NAME}\` in the state folder. Relative paths in it
start from its own folder. Secrets have no flag, because other users of a machine can read the command lines of processes.

\`\`\`yaml
thumbnailQuality: 90
proxyCrf: 18
defaultFrameRate: 24000/1001
toolMemoryBytes: 2GiB
colourRules:            # the first that matches decides
  - prefix: plates/alexa/
    inputSpace: LogC3
  - bucket: reviews
    prefix: ""
    look: aces-sdr
pictureRules:           # likewise; \`inspect FILE\` lists what a file has
  - prefix: lighting/
    layer: diffuse
  - prefix: stereo/
    view: right
\`\`\`
`

/** Text of docs/settings.md. */
const settingsDoc = (): string =>
  [
    HEAD,
    ...Object.entries(GROUPS).map(
      ([group, title]) => `## ${title}\n\n${table(SETTING_NAMES.filter((name) => settingOf(name).group === group))}\n`,
    ),
  ].join("\n")

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
