import { execFile, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import type { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { nodeRelease, OLDEST_FOR_ALL } from "../scripts/release/npm.ts"
import { projectWith } from "../scripts/release/trials.ts"
import { findTool, TOOLS, type ToolName } from "../src/picture/tools/find-tool.ts"
import { findGuards } from "../src/picture/tools/run-tool.ts"
import { linesOf } from "./machine/answers.ts"
import { fakePython, systemWithoutTools } from "./machine/fake-python.ts"
import { FULL_PROXIES, openFrames } from "./machine/frames.ts"
import { CHECKOUT, packed } from "./machine/npm.ts"
import { type Ended, run } from "./machine/process.ts"

const exec = promisify(execFile)

const LOADED_PACKAGES = new URL("./machine/loaded-packages.mjs", import.meta.url).href

const home = realpathSync(mkdtempSync(join(tmpdir(), "package-")))
const project = join(home, "project")
const installed = join(project, "node_modules/oiio-proxy-generator")
const tools = join(home, "tools")

const withoutTools = systemWithoutTools(join(home, "system"))
afterAll(() => rmSync(home, { recursive: true, force: true }))

beforeAll(async () => void (await projectWith(project, await packed(home, "."))))

const node = async (name: string, source: string): Promise<unknown> => {
  writeFileSync(join(project, name), source)
  return JSON.parse((await exec(process.execPath, [name], { cwd: project })).stdout)
}

const cli = (argv: readonly string[], path: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(argv, {
    program: join(project, "node_modules/.bin/oiio-proxy-generator"),
    env: { ...FULL_PROXIES, ...env, PATH: [dirname(process.execPath), path, withoutTools].join(":") },
  })

const USED = `
  const read = await openFactReader(async () => null).read("oiio.proxy-made", new Uint8Array([0, 0, 0, 0, 9, 1]))
  console.log(JSON.stringify([assetIdOf("a.exr"), FACT_TOPICS.includes("proxy-made"), read.ok ? "" : read.failure.code]))`
const ANSWERED = [createHash("md5").update("a.exr").digest("hex").slice(0, 16), true, "log/undecodable"]

describe("the library in the packed package", () => {
  it("is imported by ECMAScript modules", async () => {
    const imported = `import { assetIdOf, FACT_TOPICS, openFactReader } from "oiio-proxy-generator/events"`
    expect(await node("used.mjs", imported + USED)).toEqual(ANSWERED)
  })

  it("is required by CommonJS", async () => {
    const required = `const { assetIdOf, FACT_TOPICS, openFactReader } = require("oiio-proxy-generator/events")`
    expect(await node("used.cjs", `${required}; (async () => {${USED} })()`)).toEqual(ANSWERED)
  })

  it("brings its schemas along", async () => {
    const source = `console.log(JSON.stringify(require("node:fs").readFileSync(require.resolve("oiio-proxy-generator/schemas/proxy-made.avsc"), "utf8")))`
    const text = (await node("schema.cjs", source)) as string
    expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(CHECKOUT, "schemas/proxy-made.avsc"), "utf8")))
  })

  it("brings along its pages, whose links lead to files that are there", () => {
    const pages = globSync("{*.md,{docs,examples,packages,samples}/**/*.md}", { cwd: installed })
    expect(pages.length).toBeGreaterThan(40)
    const links = pages.flatMap((page) => {
      const text = readFileSync(join(installed, page), "utf8")
      return [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, to = ""]) => join(dirname(page), to))
    })
    expect(links.length).toBeGreaterThan(50)
    expect(links.filter((path) => !existsSync(join(installed, path)))).toEqual([])
  })

  it("brings along neither tests nor benches, a manual page, licences, and no more than it needs", () => {
    const files = globSync("**/*", { cwd: installed, withFileTypes: true }).filter((entry) => entry.isFile())
    const paths = files.map((file) => relative(installed, join(file.parentPath, file.name)))
    expect(paths.filter((path) => /(^|\/)(tests?|testing|bench|fuzz)\/|\.test\./.test(path))).toEqual([])
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "NOTICE", "docs/oiio-proxy-generator.1"]))
    expect(files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0)).toBeLessThan(8e6)
  })

  it("brings along what it is made of, for machines and for people", () => {
    const bom = readFileSync(join(installed, "dist/sbom.cdx.json"), "utf8")
    expect(JSON.parse(bom)).toMatchObject({ bomFormat: "CycloneDX" })
    expect(bom).toContain("pkg:npm/rxjs@")
    expect(readFileSync(join(installed, "NOTICE"), "utf8")).toContain("FFmpeg")
  })

  const READER = `import { type Fact, openFactReader, type ProxyMade, registrySchemas } from "oiio-proxy-generator/events"
export const keyOf = async (bytes: Uint8Array): Promise<string | null> => {
  const read = await openFactReader(registrySchemas("http://localhost:8081")).read("oiio.proxy-made", bytes)
  const fact: Fact | null = read.ok ? read.value : null
  const made: ProxyMade | null = fact?.topic === "proxy-made" ? fact.value : null
  return made === null ? null : made.proxy.key
}
`
  const WRONG = `${READER}export const mistaken: Promise<number> = keyOf(new Uint8Array())\n`
  const REQUIRED = `import events = require("oiio-proxy-generator/events")\nexport const topics: readonly string[] = events.FACT_TOPICS\n`

  /** Strict, with every declaration checked, and with no types of a browser or of Node to lean on. */
  const compiled = async (name: string, source: string, module: string, resolution: string): Promise<string> => {
    writeFileSync(join(project, name), source)
    const strict = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noEmit",
      "--skipLibCheck",
      "false",
      "--lib",
      "es2024",
    ]
    const how = ["--types", "", "--target", "es2024", "--module", module, "--moduleResolution", resolution]
    const tsc = join(CHECKOUT, "node_modules/typescript/bin/tsc")
    const ran = exec(process.execPath, [tsc, ...strict, ...how, name], { cwd: project })
    return ran.then(
      () => "compiles",
      (error: { stdout: string }) => error.stdout,
    )
  }

  it.each([
    ["node16", "node16"],
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])("has types for strict TypeScript, modules as %s, resolved as %s", async (module, resolution) => {
    expect(await compiled("used.mts", READER, module, resolution)).toBe("compiles")
    expect(await compiled("wrong.mts", WRONG, module, resolution)).toMatch(/TS2322/)
  })

  it("has types for CommonJS in TypeScript", async () => {
    expect(await compiled("used.cts", REQUIRED, "nodenext", "nodenext")).toBe("compiles")
  })
})

describe("the command in the packed package", () => {
  /** The tools of the checkout, as a user's machine has them: on PATH. */
  beforeAll(async () => {
    mkdirSync(tools)
    const search = { setting: null, vendorFolders: [join(CHECKOUT, "vendor")], searchPath: process.env.PATH ?? "" }
    for (const name of Object.keys(TOOLS) as ToolName[]) {
      const tool = await findTool(name, { ...search, guards: await findGuards() })
      if (!tool.ok) throw new Error(tool.failure.says)
      symlinkSync(tool.value.program, join(tools, name))
    }
  })

  it("makes pictures with the tools that are on PATH", async () => {
    const frames = openFrames({ "sh010/a.0001.exr": "window", "sh010/flower.tif": "flower" })
    expect(await cli(["run", frames.dir], tools)).toMatchObject({ code: 0 })
    const rows = linesOf<{ key: string }>((await cli(["outputs", frames.dir, "--json"], tools)).stdout)
    expect(rows).toHaveLength(2)
    expect(frames.files()).toContain("sh010/.proxies/a.0001_proxy.mp4")
    expect(await cli(["contact-sheet", frames.dir, "--out", frames.beside("sheet.html")], tools)).toMatchObject({
      code: 0,
    })
    frames.remove()
  })

  it("is in few files, with what a run loads of other packages, and their licences", async () => {
    const frames = openFrames({ "a.exr": "window" })
    const argv = ["--import", LOADED_PACKAGES, join(installed, "dist/src/cli/bin.js"), "run", frames.dir]
    const child = spawn(process.execPath, argv, {
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      env: { ...FULL_PROXIES, PATH: tools, HOME: home },
    })
    const loaded = (await text(child.stdio[3] as Readable)).split("\n")
    expect(loaded).toContain("oiio-proxy-generator")
    const clients = ["kafkajs", "@aws-sdk/client-s3", "trino-client"]
    for (const name of ["rxjs", "avsc", "commander", ...clients]) expect(loaded).not.toContain(name)
    const licences = readFileSync(join(installed, "dist/src/cli/bin-LICENCES.txt"), "utf8")
    expect(licences).toMatch(/^rxjs \S+ \(Apache-2\.0\)$/m)
    expect(licences).toMatch(/^avsc \S+ \(MIT\)\n\nCopyright/m)
    frames.remove()
  })

  it("says which command installs the tools where they are missing, and works with what it installed", async () => {
    const frames = openFrames({ "a.exr": "window" })
    const cache = join(home, "cache")
    const there = (argv: readonly string[], path = "/nonexistent"): Promise<Ended> =>
      cli(argv, path, { XDG_CACHE_HOME: cache })
    const ran = await there(["run", frames.dir])
    expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining("run `oiio-proxy-generator setup`") })
    expect(await there(["setup", "--check"])).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^oiiotool +missing/m),
    })
    const plan = await there(["setup", "--print"])
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining(`${cache}/oiio-proxy-generator/vendor`) })
    expect(plan.stdout).toMatch(/^wheel +OpenImageIO==/m)

    const python = join(home, "python")
    const wheels = ["OpenImageIO", "imageio_ffmpeg"].map((name) => join(CHECKOUT, "vendor", name))
    fakePython(python, { install: `mkdir -p "$target" && ln -s ${wheels.join(" ")} "$target"` })
    const installed = await there(["setup"], python)
    expect(installed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ffmpeg +ok/m) })
    expect(installed.stdout).toMatch(/^native library +note/m)
    expect(await there(["run", frames.dir])).toMatchObject({ code: 0 })
    frames.remove()
  })

  it("makes pictures under the oldest Node that it names", async (context) => {
    const release = await nodeRelease(OLDEST_FOR_ALL)
    if ("missing" in release) return context.skip(release.missing)
    const frames = openFrames({ "a.exr": "window" })
    const program = join(project, "node_modules/.bin/oiio-proxy-generator")
    const env = { ...FULL_PROXIES, PATH: [release.folder, tools, withoutTools].join(":") }
    expect(await run(["run", frames.dir], { program, env })).toMatchObject({ code: 0 })
    frames.remove()
  })

  it("says what setting up lacks, with its exit code", async () => {
    const without = await cli(["setup"], "/nonexistent", { XDG_CACHE_HOME: join(home, "elsewhere") })
    expect(without).toMatchObject({ code: 3, stderr: expect.stringContaining("python3 is missing") })
    const homeless = await cli(["setup"], "/nonexistent", { HOME: "" })
    expect(homeless).toMatchObject({ code: 2, stderr: expect.stringContaining("XDG_CACHE_HOME") })
  })
})

it("says so when it was packed without having been built", async () => {
  const unbuilt = join(home, "unbuilt")
  mkdirSync(join(unbuilt, "bin"), { recursive: true })
  cpSync(join(CHECKOUT, "bin"), join(unbuilt, "bin"), { recursive: true })
  const ran = await run(["--version"], { program: join(unbuilt, "bin/oiio-proxy-generator") })
  expect(ran).toMatchObject({ code: 3, stderr: expect.stringContaining("packed without being built") })
})
