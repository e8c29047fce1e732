import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { CallInput } from "../src/cli/testing/call.ts"
import { recorded } from "../src/cli/testing/console.ts"
import { HOSTILE_NAMES, HOSTILE_TEXTS, obeyedIn, rawIn } from "../src/cli/testing/hostile-texts.ts"
import { elementFailed, elementRemoved } from "../src/events/testing/facts.ts"
import { unwrap } from "../src/events/testing/results.ts"
import { movieMade, sequence } from "../src/events/testing/sequence-facts.ts"
import { openSqliteLog } from "../src/log/sqlite.ts"
import { exrFile, string } from "../src/picture/read/header/testing/exr-file.ts"
import { openState } from "../src/state/index.ts"
import { systemClock as clock } from "../src/system/clock.ts"
import { listenForInterrupts } from "../src/system/interrupts.ts"
import { call, type FailedFrame, linesOf } from "./machine/answers.ts"
import { type Frames, openFrames, samplePath } from "./machine/frames.ts"

const TEXTS = HOSTILE_TEXTS.map(([, text]) => text)

/** The name of the folder of frames, which is the bucket. */
const FOLDER = "a\u001b[2J\u009b31m\u202e\u200b\nerror: b\n"

/** How the texts stand in the names of channels, which have a length. */
const layerOf = (text: string): string => text.slice(0, 24)

let frames: Frames
let dir: string
beforeAll(async () => {
  frames = openFrames()
  dir = frames.beside(FOLDER)
  mkdirSync(dir)
  for (const name of HOSTILE_NAMES) copyFileSync(samplePath("window"), `${dir}/${name}.exr`)
  TEXTS.forEach((text, at) => {
    const channels = ["B", "G", "R"].map((name) => `${layerOf(text)}.${name}`)
    const attributes = [string("owner", text), string(`attribute ${layerOf(text)}`, "")]
    writeFileSync(`${dir}/layer.${at}.exr`, exrFile({ parts: [{ channels, attributes }] }))
  })
  copyFileSync(samplePath("window"), `${dir}/${GONE}`)
})
afterAll(() => frames.remove())

const GONE = `gone \u001b[2J\u202e.exr`

/** What only other stores, other producers and other servers say: texts that no name of a file here can have. */
async function plant(): Promise<void> {
  const state = unwrap(await openState({ folder: `${dir}/.oiio-proxy-generator`, mode: "own", clock }))
  const log = unwrap(await openSqliteLog({ state, clock }))
  unwrap(await log.append(TEXTS.map((text) => text.toWellFormed()).flatMap(planted)))
  await log.close()
  state.close()
  expect((await call(["rebuild", dir])).code).toBe(0)
}

const planted = (text: string, at: number) => [
  elementFailed({ bucket: FOLDER, key: `${text}.${at}.exr` }, { says: text, code: text, stage: text }),
  elementRemoved({ bucket: FOLDER, key: `gone ${text}.exr`, trigger: text }),
  movieMade({
    sequence: sequence({ bucket: FOLDER, folder: `${text}/`, head: text, tail: `${text}${at}` }),
    ...{ factId: `movie ${at}`, movie: null, failure: { code: text, kind: "permanent", says: text } },
  }),
  {
    ...({ topic: "dead-letter", at: { topic: text, partition: 0, offset: 1 } } as const),
    ...{ says: text, lengthBytes: 1, sha256: text, head: Buffer.from(text) },
  },
]

/** Runs the command on a terminal; what it prints there moves no cursor and forges no line. */
async function isHarmless(argv: readonly string[], input: CallInput = {}): Promise<string> {
  const { code, stdout, stderr } = await call(argv, { stdout: recorded({ columns: 120 }), ...input })
  expect(code, stderr).not.toBe(70)
  expect(stdout + stderr).not.toBe("")
  expect([rawIn(stdout), rawIn(stderr)]).toEqual([null, null])
  expect(`${stdout}\n${stderr}`).not.toMatch(/^error: b$/m)
  return stdout
}

describe("a run over hostile files prints nothing that a terminal obeys", () => {
  it.each([["--dry-run"], ["--engine=in-process"], ["--dry-run"]])("with %s", async (flag) => {
    await isHarmless(["run", dir, flag])
  })

  it("with --watch, nor where a frame went", async () => {
    rmSync(`${dir}/${GONE}`)
    const stderr = recorded()
    const interrupts = listenForInterrupts((line) => void stderr.write(`${line}\n`))
    const watching = isHarmless(["run", dir, "--watch"], { stderr, interrupts })
    await expect.poll(() => stderr.text()).toContain("Watching")
    interrupts.receive("SIGTERM")
    await watching
    await isHarmless(["run", dir])
  })
})

describe("hostile names, headers and reasons reach no terminal as they are", () => {
  beforeAll(plant)

  it.each([
    ["status"],
    ["status", "--json"],
    ["outputs"],
    ["outputs", "--all"],
    ["outputs", "--csv"],
    ["outputs", "--json"],
    ["sequences", "--all"],
    ["sequences", "--all", "--csv"],
    ["sequences", "--all", "--json"],
    ["failures", "list"],
    ["failures", "list", "--json"],
    ["failures", "list", "--csv"],
    ["failures", "list", "--all"],
    ["doctor"],
    ["doctor", "--json"],
    ["prune"],
    ["prune", "--json"],
    ["rebuild"],
    ["rebuild", "--json"],
    ["config", "explain"],
    ["config", "explain", "--json"],
    ["looks", "check"],
  ])("by %s %s %s", async (...command) => {
    await isHarmless([...command, dir])
  })

  it.each([["events"], ["events", "--json"], ["events", "dead-letter"], ["events", "element-failed"]])(
    "by %s %s",
    async (...command) => {
      await isHarmless([...command, "--dir", dir])
    },
  )

  it("by contact-sheet, nor do they become markup in it", async () => {
    const out = frames.beside("sheet\u001b[2J.html")
    await isHarmless(["contact-sheet", dir, "--out", out])
    // Without the page's own script, which no name is part of.
    const page = readFileSync(out, "utf8").replace(/<script>\/\* Preact.*<\/script>/s, "")
    expect(page).toContain('id="sheet"')
    expect(rawIn(page)).toBeNull()
    expect(page).not.toContain("<img src=x")
  })

  it.each(TEXTS.map((text, at) => [JSON.stringify(text).slice(0, 60), at] as const))(
    "by inspect of a layer and an attribute %s",
    async (_, at) => {
      const file = `${dir}/layer.${at}.exr`
      for (const form of [[], ["--json"]]) await isHarmless(["inspect", file, ...form])
    },
  )

  it.each(HOSTILE_NAMES.map((name) => [JSON.stringify(name).slice(0, 60), name] as const))(
    "by inspect of %s, of what is not there, and by errors of every other kind",
    async (_, name) => {
      await isHarmless(["inspect", `${dir}/${name}.exr`])
      await isHarmless(["inspect", `${dir}/no ${name}.exr`])
      await isHarmless(["run", `${dir}/${name}.exr`])
      await isHarmless(["contact-sheet", dir, "--out", `${dir}/${name}.exr/sheet.html`])
      await isHarmless(["events", `no ${name}`])
      await isHarmless(["ingest", "bucket", "--since", `no ${name}`])
      await isHarmless([`no ${name}`])
      await isHarmless(["run", `--no-${name}`])
      await isHarmless(["reprocess", `no ${name}`], { env: { OIIO_TIMEOUT: name }, cwd: frames.beside("") })
    },
  )
})

describe("what is not there", () => {
  it.each([["reprocess"], ["reprocess", "--prefix"], ["failures", "retry"], ["failures", "dismiss"]])(
    "is named by %s %s in one line that a terminal does not obey",
    async (...command) => {
      await isHarmless([...command, `no ${FOLDER}`, "--dir", dir])
    },
  )
})

describe("data for programs", () => {
  it("is exact as JSON", async () => {
    const rows = linesOf<{ s3_key: string; s3_bucket: string }>((await call(["outputs", "--json", dir])).stdout)
    expect(rows.map(({ s3_key }) => s3_key).sort()).toEqual(HOSTILE_NAMES.map((name) => `${name}.exr`).sort())
    expect(new Set(rows.map(({ s3_bucket }) => s3_bucket))).toEqual(new Set([FOLDER]))
    const failures = linesOf<FailedFrame>((await call(["failures", "list", "--json", dir])).stdout)
    expect(failures.map(({ says }) => says)).toEqual(expect.arrayContaining(TEXTS.map((text) => text.toWellFormed())))
  })

  it.each([[["outputs"]], [["failures", "list"]]])(
    "as CSV, also in a pipe, has no formula and nothing that a terminal obeys: %s",
    async (command) => {
      const { stdout } = await call([...command, "--csv", dir])
      expect(stdout).toContain("SUM(A1)")
      // A line break within a cell begins no row.
      const rows = stdout.replaceAll(/"(?:[^"]|"")*"/g, (cell) => cell.replaceAll("\n", "\\n"))
      expect(rows).not.toMatch(/(?:^|,)"?(?:[=+\-@\t\r]|\\n)/m)
      expect(obeyedIn(stdout)).toBeNull()
    },
  )
})
