import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call } from "./testing/call.ts"

const folder = mkdtempSync(join(tmpdir(), "wrong-targets-"))
mkdirSync(join(folder, "empty"))
writeFileSync(join(folder, "file.txt"), "no folder")
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([["doctor"], ["outputs"], ["sequences"], ["status"], ["failures list"], ["contact-sheet"]])(
  "%s of a file says that a folder is wanted",
  async (command) => {
    const { code, stderr } = await call([...command.split(" "), "file.txt"], { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: \S*file\.txt is a file: name the folder/),
    })
  },
)

it.each(["run", "run --dry-run"])("%s of a file says which files are frames", async (command) => {
  const { code, stderr } = await call([...command.split(" "), "file.txt"], { cwd: folder })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^error: file\.txt is a file, and no frame by its name: frames end in \.exr, /),
  })
  expect(existsSync(join(folder, ".oiio-proxy-generator"))).toBe(false)
})

it("inspect of a folder says that a file is wanted", async () => {
  const { code, stderr } = await call(["inspect", "empty"], { cwd: folder })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^error: empty is a folder: name one file/),
  })
})

it.each([
  "run nosuch",
  "run nosuch --dry-run",
  "outputs nosuch",
  "status nosuch",
  "doctor nosuch",
  "reprocess --dir nosuch a",
])("%s says that there is no such folder", async (command) => {
  const { code, stderr } = await call(command.split(" "), { cwd: folder })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(
      /^error: \S*nosuch does not exist: name (?:the folder that holds the frames\.|a folder of frames, files, or a pattern such as a\.####\.exr\.)\n/,
    ),
  })
})

it.each([
  ["file.txt", "file.txt is a file: name a folder of frames."],
  ["nosuch", "nosuch does not exist: name a folder of frames."],
])("config explain of %s says what is wrong with it", async (name, says) => {
  const { code, stdout, stderr } = await call(["config", "explain", name], { cwd: folder })
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `error: ${says}\n` })
})

it.each(["run other", "run other --dry-run"])("%s of a folder without frames names the endings", async (command) => {
  mkdirSync(join(folder, "other"), { recursive: true })
  const { code, stderr } = await call(command.split(" "), { cwd: folder })
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/there are no frames here\. Looked for \.exr, \.dpx, \.tif (?:and|or) \.tiff/),
  })
})

describe("in a folder with a state", () => {
  const cwd = join(folder, "known")
  beforeAll(async () => {
    mkdirSync(join(cwd, "a-folder"), { recursive: true })
    writeFileSync(join(cwd, "a-file"), "")
    expect((await call(["run"], { cwd })).code).toBe(0)
  })

  it.each([
    ["reprocess --prefix typo", /^error: No frame is known whose key begins with typo: `outputs` lists the keys\./],
    ["reprocess typo.exr", /^error: Nothing is known of typo\.exr: /],
    ["failures retry typo.exr", /^error: typo\.exr is no frame that failed; `failures list` names them\./],
  ])("%s says that nothing is known of it", async (command, says) => {
    const { code, stderr } = await call(command.split(" "), { cwd })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(says) })
  })

  it.each(["failures retry", "failures dismiss", "reprocess"])("%s says how a folder is named", async (command) => {
    const { code, stderr } = await call([...command.split(" "), "known"], { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "error: known is a folder of frames: name it with --dir, and frames by their paths below it.\n",
    })
  })

  it("a folder in a command's place is pointed to `run`", async () => {
    const { code, stderr } = await call(["known"], { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "error: there is no command known; it lies here: `run known` renders it.\n",
    })
    expect((await call(["knwon"], { cwd: folder })).stderr).toContain("unknown command 'knwon'")
  })

  it.each([
    ["a-folder", /^error: --out \S+a-folder is a folder: name a file/],
    ["a-file/sheet.html", /^error: --out \S+ cannot be made, because something in its path is a file: name another/],
    [
      "/proc/x/y/sheet.html",
      /^error: --out \/proc\/x\/y\/sheet\.html lies where no file or folder can be made: name another/,
    ],
    ["/proc/sheet.html", /^error: --out \/proc\/sheet\.html .*: name another file\./],
  ])("contact-sheet --out %s names a place that takes no file", async (out, says) => {
    const { code, stderr } = await call(["contact-sheet", "--out", out], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) })
  })

  it("contact-sheet --out makes the folders that are missing", async () => {
    expect((await call(["contact-sheet", "--out", "new/folder/sheet.html"], { cwd })).code).toBe(0)
    expect(existsSync(join(cwd, "new/folder/sheet.html"))).toBe(true)
  })

  it("run with another --state says that the folder's own is left alone", async () => {
    const { code, stderr } = await call(["run", ".", "--state", join(folder, "second")], { cwd })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^note: The folder has a state of its own in \S+, which is left alone: /),
    })
    expect((await call(["run", "."], { cwd })).stderr).not.toContain("note: ")
  })
})

it.each([
  "outputs empty",
  "status empty",
  "failures list empty",
  "contact-sheet empty",
  "events --dir empty",
  "prune empty",
])("%s says that there is no state, and makes none", async (command) => {
  const { code, stdout, stderr } = await call(command.split(" "), { cwd: folder })
  expect({ code, stdout, stderr }).toEqual({
    code: 3,
    stdout: "",
    stderr: expect.stringMatching(/^error: There is no state in .* yet\. `run` makes it/),
  })
  expect(existsSync(join(folder, "empty/.oiio-proxy-generator"))).toBe(false)
})

it("doctor answers before the first run, when there is no state yet", async () => {
  const { code, stdout, stderr } = await call(["doctor", "empty", "--json"], { cwd: folder })
  const checks = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect([0, 3]).toContain(code)
  expect({ stderr, state: checks.find(({ what }) => what === "state")?.verdict }).toEqual({ stderr: "", state: "ok" })
})

it.each(["rebuild --dir empty", "reprocess --dir empty a.exr", "failures retry --dir empty"])(
  "%s makes no state where there is none",
  async (command) => {
    const { code, stderr } = await call(command.split(" "), { cwd: folder })
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^error: There is no state in .* yet\./),
    })
    expect(existsSync(join(folder, "empty/.oiio-proxy-generator"))).toBe(false)
  },
)

it("a state where no folder can be made is refused at once", async () => {
  const { code, stderr } = await call(["run", "empty", "--state", "/proc/x/y"], { cwd: folder })
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringMatching(
      /^error: The state directory \/proc\/x\/y cannot be used \(ENOENT\): name another with --state DIR\./,
    ),
  })
})
