import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { explain, secretsOf, strangeVariables } from "./explain.ts"
import { loadConfig, type Settings, type Sources } from "./index.ts"
import { renderSettingsFor } from "./render-settings.ts"
import { SETTING_NAMES, SETTINGS, settingOf } from "./table.ts"

let cwd = ""
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "config-"))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const load = (sources: Partial<Sources> = {}) =>
  loadConfig({ flags: {}, env: {}, cwd, defaultStateDir: "state", cores: 8, ...sources })

function loaded(sources: Partial<Sources> = {}): Settings {
  const result = load(sources)
  if (!result.ok) throw new Error(result.failure.says)
  return result.value
}

function refused(sources: Partial<Sources> = {}): string {
  const result = load(sources)
  if (result.ok) throw new Error("the settings were taken")
  expect(result.failure.code).toBe("config/invalid")
  return result.failure.says
}

function file(text: string, name = "settings.yaml"): string {
  const path = join(cwd, name)
  writeFileSync(path, text)
  return path
}

const withFile = (text: string): Partial<Sources> => ({ flags: { configFile: file(text) } })

describe("where a setting comes from", () => {
  it("has the contract's defaults when nobody says anything", () => {
    const { config, origins } = loaded()
    expect(config).toMatchObject({
      thumbnailEdgePx: 256,
      thumbnailQuality: 85,
      proxyWidthPx: 1920,
      proxyHeightPx: 1080,
      proxyCrf: 23,
      toolTimeoutSeconds: 300,
      look: "un-tone-mapped",
      defaultFrameRate: { num: 24, den: 1 },
      kafkaTopic: "spaceharbor.proxy",
      vastDbSchema: "exr_metadata",
      stateDir: join(cwd, "state"),
      rendersInFlight: 8,
    })
    expect(new Set(Object.values(origins).map(({ kind }) => kind))).toEqual(new Set(["default"]))
  })

  it("switches an output beside thumbnail and proxy on by its edge, and says nothing of it else", () => {
    const settings = (env: Record<string, string>) => renderSettingsFor(loaded({ env }).config, "b", "k")
    expect(settings({ OIIO_PREVIEW_EDGE_PX: "2048" }).furtherOutputs).toMatchObject([
      { name: "preview", canvas: { edge: 2048 } },
    ])
    expect(Object.keys(settings({}))).not.toContain("furtherOutputs")
    expect(refused({ env: { OIIO_PREVIEW_EDGE_PX: "-1" } })).toContain("a whole number from 0 to 8192 (pixels)")
  })

  it("lets a flag beat the environment, the environment the file, and the file the default", () => {
    const flags = { ...withFile("proxyCrf: 10\nthumbnailQuality: 10\nstillHoldFrames: 10\n").flags, proxyCrf: "30" }
    const env = { OIIO_PROXY_CRF: "20", OIIO_THUMBNAIL_QUALITY: "20" }
    const { config, origins } = loaded({ flags, env })
    expect(config).toMatchObject({ proxyCrf: 30, thumbnailQuality: 20, stillHoldFrames: 10, proxyPreset: "veryfast" })
    expect(origins.proxyCrf).toEqual({ kind: "flag", name: "--proxy-crf" })
    expect(origins.thumbnailQuality).toEqual({ kind: "environment", name: "OIIO_THUMBNAIL_QUALITY" })
    expect(origins.stillHoldFrames).toEqual({ kind: "file", name: join(cwd, "settings.yaml") })
    expect(origins.proxyPreset.kind).toBe("default")
  })

  it("honours the variable names of version 2.0", () => {
    const env = {
      S3_ENDPOINT: "http://127.0.0.1:9000",
      S3_ACCESS_KEY: "a",
      S3_SECRET_KEY: "s",
      KAFKA_BROKER: "b:9092",
      KAFKA_TOPIC: "t",
      VAST_DB_ENDPOINT: "http://127.0.0.1:8080",
      VAST_DB_BUCKET: "bucket",
      VAST_DB_SCHEMA: "schema",
      OCIO_CONFIG_PATH: "/studio/config.ocio",
      OIIO_TIMEOUT: "60",
    }
    const { origins, config } = loaded({ env })
    const fromEnvironment = Object.values(origins).flatMap(({ kind, name }) => (kind === "environment" ? [name] : []))
    expect(fromEnvironment.sort()).toEqual(Object.keys(env).sort())
    expect(config).toMatchObject({ toolTimeoutSeconds: 60, ocioConfigPath: "/studio/config.ocio" })
  })

  it("takes an empty variable as unset", () => {
    expect(loaded({ env: { OIIO_TIMEOUT: "", OIIO_CONFIG: "" } }).config.toolTimeoutSeconds).toBe(300)
  })

  it("finds the file in the state folder, wherever that is", () => {
    mkdirSync(join(cwd, "elsewhere"))
    file("proxyCrf: 18\n", "elsewhere/oiio-proxy-generator.yaml")
    const settings = loaded({ env: { OIIO_STATE: "elsewhere" } })
    expect(settings.config.proxyCrf).toBe(18)
    expect(settings.file).toBe(join(cwd, "elsewhere/oiio-proxy-generator.yaml"))
  })

  it("starts relative paths from the working folder, and those in the file from the file's", () => {
    mkdirSync(join(cwd, "etc"))
    const configFile = file("ocioConfigPath: looks/config.ocio\nffmpegPath: ffmpeg\nnotifications: '-'\n", "etc/a.yaml")
    const { config } = loaded({ flags: { configFile, scratchDir: "tmp" } })
    expect(config.ocioConfigPath).toBe(join(cwd, "etc/looks/config.ocio"))
    expect(config.scratchDir).toBe(join(cwd, "tmp"))
    expect(config.ffmpegPath).toBe("ffmpeg")
    expect(config.notifications).toBe("-")
  })

  it("cannot be changed once it is loaded", () => {
    const { config } = loaded(withFile("colourRules: [{prefix: a/, look: aces-sdr}]\n"))
    const change = (target: object, key: string) => () => Object.assign(target, { [key]: "changed" })
    expect(change(config, "proxyCrf")).toThrow(TypeError)
    expect(change(config.defaultFrameRate, "num")).toThrow(TypeError)
    expect(change(config.colourRules[0] ?? {}, "look")).toThrow(TypeError)
  })
})

describe("what is refused, and how", () => {
  it("names the setting, its origin and what is allowed", () => {
    expect(refused({ env: { OIIO_TIMEOUT: "soon" } })).toBe(
      'toolTimeoutSeconds must be a whole number from 1 to 86400 (seconds); the environment variable OIIO_TIMEOUT says "soon".',
    )
    expect(refused({ flags: { proxyPreset: "warp" } })).toMatch(
      /^proxyPreset must be one of ultrafast, .*; the flag --proxy-preset/,
    )
    expect(refused(withFile("thumbnailEdgePx: 8\n"))).toMatch(
      /from 16 to 4096 \(pixels\); the file .*settings\.yaml says 8\.$/,
    )
  })

  it("says everything that is wrong at once", () => {
    const env = { OIIO_TIMEOUT: "0", OIIO_PROXY_CRF: "52", OIIO_PROXY_WIDTH_PX: "1921" }
    expect(refused({ env }).split("\n")).toHaveLength(3)
  })

  it("offers the nearest name for an unknown one in the file", () => {
    expect(refused(withFile("thumbnail_edge_px: 128\n"))).toMatch(
      /unknown setting "thumbnail_edge_px". Did you mean "thumbnailEdgePx"\?$/,
    )
    expect(refused(withFile("proxyCfr: 20\n"))).toContain('Did you mean "proxyCrf"?')
    expect(refused(withFile("bananas: 20\n"))).toMatch(/unknown setting "bananas".$/)
  })

  it("does not let the file say which file is read", () => {
    expect(refused(withFile("stateDir: /elsewhere\n"))).toMatch(/cannot say stateDir: use --state or OIIO_STATE\.$/)
  })

  it("refuses a file that is absent, not YAML, a folder, says a name twice, or is no mapping", () => {
    expect(refused({ flags: { configFile: "absent.yaml" } })).toMatch(/absent\.yaml does not exist\.$/)
    expect(refused({ flags: { configFile: cwd } })).toContain("is a folder, not a file")
    expect(refused(withFile("a: [1\n"))).toContain("is not valid YAML")
    expect(refused(withFile("proxyCrf: 1\nproxyCrf: 2\n"))).toContain("is not valid YAML")
    expect(refused(withFile("- proxyCrf\n"))).toContain("must be a mapping")
  })

  it("accepts an empty file", () => {
    expect(loaded(withFile("")).config.proxyCrf).toBe(23)
  })

  it("does not repeat a refused secret", () => {
    expect(refused({ env: { S3_SECRET_KEY: "hunter2\nhunter2" } })).not.toContain("hunter2")
  })

  it.each([
    ["OIIO_DEFAULT_FRAME_RATE", "24000/1001", "defaultFrameRate", { num: 24000, den: 1001 }],
    ["OIIO_DEFAULT_FRAME_RATE", "25", "defaultFrameRate", { num: 25, den: 1 }],
    ["OIIO_TOOL_MEMORY", "512MiB", "toolMemoryBytes", 512 * 2 ** 20],
    ["OIIO_TOOL_MEMORY", "2GB", "toolMemoryBytes", 2e9],
    ["OIIO_TOOL_MEMORY", "1073741824", "toolMemoryBytes", 2 ** 30],
    ["OIIO_CAMERA_TOKENS", "yes", "cameraTokens", true],
    ["OIIO_CAMERA_TOKENS", "0", "cameraTokens", false],
  ] as const)("reads %s=%s", (variable, value, name, meaning) => {
    expect(loaded({ env: { [variable]: value } }).config[name]).toEqual(meaning)
  })

  it.each([
    ["OIIO_DEFAULT_FRAME_RATE", "23.976"],
    ["OIIO_DEFAULT_FRAME_RATE", "24/0"],
    ["OIIO_DEFAULT_FRAME_RATE", "1/24"],
    ["OIIO_DEFAULT_FRAME_RATE", "999999999/41666667"],
    ["OIIO_TOOL_MEMORY", "12 parsecs"],
    ["OIIO_TOOL_MEMORY", "1KiB"],
    ["OIIO_TIMEOUT", "1.5"],
    ["OIIO_TIMEOUT", "0x10"],
    ["OIIO_CAMERA_TOKENS", "perhaps"],
    ["S3_ENDPOINT", "s3.example.com"],
    ["OIIO_LOOK", " "],
  ])("refuses %s=%s", (variable, value) => {
    expect(refused({ env: { [variable]: value } })).toContain(`the environment variable ${variable} says`)
  })
})

it("says which colour rule is wrong", () => {
  expect(refused(withFile("colourRules: [{prefix: a/, lok: x}]\n"))).toMatch(
    /^colourRules, as the file .* has it, is wrong: rule 1 has an unknown key "lok"\. Did you mean "look"\?$/,
  )
})

describe("config explain", () => {
  it("shows every setting with its origin and never a secret", () => {
    const env = { S3_SECRET_KEY: "hunter2", S3_ENDPOINT: "http://me:hunter2@127.0.0.1:9000", OIIO_TIMEOUT: "60" }
    const settings = loaded({ env })
    const rows = explain(settings)
    expect(rows.map(({ setting }) => setting)).toEqual(SETTING_NAMES)
    expect(JSON.stringify(rows)).not.toContain("hunter2")
    expect(rows.find(({ setting }) => setting === "s3SecretKey")?.value).toBe("********")
    expect(rows.find(({ setting }) => setting === "s3AccessKey")?.value).toBe("")
    expect(rows.find(({ setting }) => setting === "toolTimeoutSeconds")).toMatchObject({
      value: "60",
      origin: "the environment variable OIIO_TIMEOUT",
    })
    expect(secretsOf(settings)).toEqual(["hunter2"])
  })

  it("points at variables that look like settings and are none", () => {
    const env = { OIIO_TIMOUT: "1", OIIO_TIMEOUT: "1", OIIO_LIBRARY_PATH: "/x", HOME: "/h" }
    expect(strangeVariables(env)).toEqual([
      'No setting reads the environment variable OIIO_TIMOUT. Did you mean "OIIO_TIMEOUT"?',
    ])
  })
})

describe("the table of settings", () => {
  it("gives every setting but the rules a variable of its own, and no secret a flag", () => {
    const variables = Object.values(SETTINGS).flatMap(({ env }) => env ?? [])
    expect(new Set(variables).size).toBe(variables.length)
    const inFile = ["pictureRules", "sequenceRules", "sequenceStated", "farmRules", "reviewRules", "colourRules"]
    expect(SETTING_NAMES.filter((name) => settingOf(name).env === null)).toEqual([...inFile, "serveTokens"])
    const secrets = Object.values(SETTINGS).filter(({ secret }) => secret)
    expect(secrets.map(({ flag }) => flag)).toEqual(secrets.map(() => null))
  })
})
