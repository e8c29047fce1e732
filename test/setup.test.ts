import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeEach, describe, expect, it } from "vitest"
import { setUpTools } from "../src/deployment/tool-set-up.ts"
import { fakePython, systemWithoutTools, writeProgram } from "./machine/fake-python.ts"
import { CHECKOUT } from "./machine/npm.ts"
import { type Ended, run } from "./machine/process.ts"

const home = mkdtempSync(join(tmpdir(), "setup-"))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const system = systemWithoutTools(join(home, "system"))

/** A package as npm installs it, as far as the set-up is concerned; its compiling is a copy of its source. */
let root = ""
let programs = ""
let cache = ""
let tests = 0
beforeEach(() => {
  const folder = join(home, String(tests++))
  ;[root, programs, cache] = [join(folder, "package"), join(folder, "programs"), join(folder, "cache")]
  for (const path of [join(root, "scripts"), join(root, "native"), programs]) mkdirSync(path, { recursive: true })
  for (const name of ["setup", "picture-tools.txt", "build-openexr"])
    cpSync(join(CHECKOUT, "scripts", name), join(root, "scripts", name))
  writeFileSync(join(root, "native/library.c"), "first\n")
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "product", version: "4.0.0-beta.2" }, null, 2))
  writeProgram(
    join(root, "scripts/build-native"),
    'mkdir -p "$1/openexr" "$1/objects" && touch "$1/openexr/LICENSE.md" "$1/openexr/core.a" && cp native/library.c "$1/libpictures.so"',
  )
})

const compilers = (): void => {
  for (const name of ["gcc", "g++"]) writeProgram(join(programs, name), "cat > /dev/null")
}

const setUp = (env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(["--tools-into", cache], {
    program: join(root, "scripts/setup"),
    env: { PATH: `${programs}:${system}`, ...env },
  })

const WHEELS = `mkdir -p "$target/OpenImageIO/bin" "$target/imageio_ffmpeg/binaries"
    for tool in OpenImageIO/bin/oiiotool imageio_ffmpeg/binaries/ffmpeg-9; do
      printf '#!/bin/sh\\necho 3.2.2.0\\n' > "$target/$tool"; chmod 755 "$target/$tool"
    done`

const vendor = (...path: readonly string[]): string => join(cache, "vendor", ...path)
const native = (...path: readonly string[]): string => join(cache, "native-4.0.0-beta.2", ...path)

/** What lies in the folder besides the lock. */
const left = (): readonly string[] => readdirSync(cache).filter((name) => name !== "setup.lock")

describe("setting the picture tools up for a user", () => {
  it("has pip fetch what is named with checksums, from where its own settings say, and says what compiling lacks", async () => {
    const python = fakePython(programs, { install: WHEELS })
    const ended = await setUp({ PIP_INDEX_URL: "https://mirror.example/simple" })
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("apt-get install gcc g++") })
    const install = python.calls().find((line) => line.startsWith("-m pip install"))
    expect(install).toMatch(/--require-hashes -r scripts\/picture-tools\.txt https:\/\/mirror\.example\/simple$/)
    expect(existsSync(vendor("OpenImageIO/bin/oiiotool"))).toBe(true)
    expect(left()).toEqual(["vendor"])
  })

  it("does nothing where all is there, and compiles once there is a compiler", async () => {
    const python = fakePython(programs, { install: WHEELS })
    await setUp()
    compilers()
    expect(await setUp()).toMatchObject({ code: 0, stderr: expect.stringContaining("compiling the native library") })
    expect(readFileSync(native("libpictures.so"), "utf8")).toBe("first\n")
    expect(readdirSync(native()).sort()).toEqual([".setup.stamp", "libpictures.so", "openexr"])
    expect(readdirSync(native("openexr"))).toEqual(["LICENSE.md"])
    expect(await setUp()).toMatchObject({ code: 0, stderr: "" })
    expect(python.calls().filter((line) => line.includes("pip install"))).toHaveLength(1)
  })

  it("compiles other sources anew, whatever their dates: npm gives all files one", async () => {
    fakePython(programs, { install: WHEELS })
    compilers()
    await setUp()
    writeFileSync(join(root, "native/library.c"), "second\n")
    await setUp()
    expect(readFileSync(native("libpictures.so"), "utf8")).toBe("second\n")
    expect(left()).toEqual(["native-4.0.0-beta.2", "vendor"])
  })

  it("goes on without the library where it cannot be compiled, and says so", async () => {
    fakePython(programs, { install: WHEELS })
    compilers()
    writeProgram(join(root, "scripts/build-native"), "echo no such instruction; exit 1")
    const ended = await setUp()
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("no such instruction") })
    expect(ended.stderr).toContain("Run oiio-proxy-generator setup to try again")
    expect(left()).toEqual(["vendor"])
  })
})

describe("an interrupted set-up", () => {
  it("leaves nothing that anybody would take for the tools, and the next one sweeps up", async () => {
    fakePython(programs, { install: 'mkdir -p "$target/OpenImageIO/bin"; kill -KILL $PPID' })
    expect((await setUp()).signal).toBe("SIGKILL")
    expect(existsSync(vendor())).toBe(false)
    fakePython(programs, { install: WHEELS })
    expect(await setUp()).toMatchObject({ code: 0 })
    expect(left()).toEqual(["vendor"])
  })

  it("ends with the command that runs it, and what it started with it", async () => {
    fakePython(programs, { install: 'mkdir -p "$target" && echo fetching > "$target/half" && sleep 300' })
    const stop = new AbortController()
    const said: string[] = []
    const ended = setUpTools(
      { script: join(root, "scripts/setup"), args: ["--tools-into", cache] },
      { env: { PATH: `${programs}:${system}` }, say: (text) => void said.push(text), stop: stop.signal },
    )
    await expect.poll(() => existsSync(vendor("../vendor.new/tools/half"))).toBe(true)
    stop.abort()
    expect(await ended).toBeNull()
    expect(said.join("")).toContain("installing oiiotool and ffmpeg")
    await expect.poll(left).toEqual([])
  })

  it("of other versions leaves the tools that were there, and their library", async () => {
    fakePython(programs, { install: WHEELS })
    compilers()
    await setUp()
    appendFileSync(join(root, "scripts/picture-tools.txt"), "another==1.0\n")
    fakePython(programs, { install: "exit 1" })
    expect(await setUp()).toMatchObject({ code: 3 })
    expect(existsSync(vendor("OpenImageIO/bin/oiiotool"))).toBe(true)
    fakePython(programs, { install: WHEELS })
    expect(await setUp()).toMatchObject({ code: 0 })
    expect(readFileSync(vendor(".setup.stamp"), "utf8")).toContain("another==1.0")
    expect(existsSync(native("libpictures.so"))).toBe(true)
  })
})

describe("a set-up that cannot be", () => {
  it("says that Python is missing", async () => {
    expect(await setUp()).toMatchObject({ code: 3, stderr: expect.stringMatching(/python3 is missing.*apt-get/) })
    expect(left()).toEqual([])
  })

  it("says that pip is missing, and takes that of a virtual environment where it can make one", async () => {
    fakePython(programs, { install: WHEELS, hasPip: false, hasVenv: false })
    expect(await setUp()).toMatchObject({ code: 3, stderr: expect.stringMatching(/neither pip nor.*python3-venv/) })
    fakePython(programs, { install: WHEELS, hasPip: false })
    expect(await setUp()).toMatchObject({ code: 0 })
    expect(left()).toEqual(["vendor"])
  })

  it.each([
    ["ERROR: Could not find a version (NewConnectionError: Name or service not known)", /PIP_INDEX_URL.*HTTPS_PROXY/],
    ["WARNING: Retrying: SSLError(CERTIFICATE_VERIFY_FAILED)", /PIP_CERT/],
    ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", /nothing was installed/],
    ["ERROR: Could not install packages: [Errno 28] No space left on device", /XDG_CACHE_HOME/],
    ["ERROR: No matching distribution found for OpenImageIO==3.2.2.0", /no build of a picture tool for this machine/],
    ["Segmentation fault", /its last words stand above/],
  ])("tells pip's words, and what to do: %s", async (words, says) => {
    fakePython(programs, { install: `echo '${words}' >&2; exit 1` })
    const ended = await setUp()
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining(words) })
    expect(ended.stderr).toMatch(says)
    expect(left()).toEqual([])
  })

  it("says that the tools came and do not start", async () => {
    fakePython(programs, { install: 'mkdir -p "$target/OpenImageIO/bin"' })
    expect(await setUp()).toMatchObject({ code: 3, stderr: expect.stringContaining("apt-get install libstdc++6") })
    expect(existsSync(vendor())).toBe(false)
  })
})
