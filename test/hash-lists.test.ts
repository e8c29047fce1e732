import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { c4OfText, chainText } from "../src/sequence/mhl/chain.ts"
import { call } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"
import { shotExr, shotFrame } from "./machine/shot-frames.ts"

// ASC MHL lists beside frames, by a real run and the real command.

let frames: Frames

beforeEach(async () => {
  frames = openFrames()
  mkdirSync(frames.path("listed/ascmhl"), { recursive: true })
  for (let frame = 1001; frame <= 1006; frame++)
    writeFileSync(frames.path(`listed/beauty.${frame}.exr`), shotExr(shotFrame(frame)))
  expect((await call(["run", frames.dir])).code).toBe(0)
})
afterEach(() => frames.remove())

describe("a hash list beside the frames", () => {
  const SHOT = "listed/beauty.#.exr"
  const LIST = "listed/ascmhl/0002_listed_2026-01-31_120000Z.mhl"
  const report = (...options: string[]) => call(["sequence", SHOT, "--dir", frames.dir, ...options])
  /** Without the ends of lines, which a long name breaks. */
  const drawn = async () => (await report()).stdout.replace(/\n {14}/g, " ")

  /** What is listed of the shot, each entry changed as it is wished. */
  async function listOf(change: (entry: string, frame: number) => string): Promise<string> {
    const { stdout } = await call(["sequences", frames.dir, "--mhl"])
    const entries = [...stdout.matchAll(/ {4}<hash>.*?beauty\.(\d+)\.exr.*?<\/hash>\n/gs)]
    expect(entries).toHaveLength(6)
    const told = entries.map(([entry, frame]) => change(entry.replace("listed/", ""), Number(frame)))
    const opening = stdout.slice(0, stdout.indexOf("  <hashes>"))
    return `${opening}  <hashes>\n${told.join("")}  </hashes>\n</hashlist>\n`
  }

  function lay(text: string): void {
    writeFileSync(frames.path("listed/ascmhl/0001_listed_2026-01-30_120000Z.mhl"), "an older generation")
    writeFileSync(frames.path(LIST), text)
  }

  it("that tells the truth is agreed with, chain and all", async () => {
    const text = await listOf((entry) => entry)
    lay(text)
    expect(await drawn()).toMatch(
      /^hash list +listed\/ascmhl\/0002\S+: 6 frames as listed\n\n.*as its hash list says\.\n$/ms,
    )
    const link = (name: string, c4: string) => ({ name: `${name}.mhl`, c4 })
    const older = link("0001_listed_2026-01-30_120000Z", c4OfText(["an older generation"]))
    const chain = (c4: string) => chainText([older, link("0002_listed_2026-01-31_120000Z", c4)])
    writeFileSync(frames.path("listed/ascmhl/ascmhl_chain.xml"), chain(c4OfText([text])))
    expect(await drawn()).toMatch(/as its hash list says\.\n$/)
    writeFileSync(frames.path("listed/ascmhl/ascmhl_chain.xml"), chain(c4OfText([text, " "])))
    const { code, stdout, stderr } = await report("--json")
    expect(code).toBe(0)
    expect(stderr).toBe(`warning: ${LIST} is not vouched for: ascmhl_chain.xml beside it names other bytes (C4)\n`)
    expect(JSON.parse(stdout).hash_list).toMatchObject({ key: LIST, same: { count: 6 }, problem: null })
  })

  it("that lies in one file is contradicted in that one, and what is missing, extra and beyond comparison is named", async () => {
    const lying = (entry: string, frame: number): string => {
      if (frame === 1002) return entry.replace(/>\w{4}(\w{28}<\/xxh128)/, ">0000$1")
      if (frame === 1003) return entry.replace(/xxh128/g, "md5")
      if (frame === 1004) return entry + entry.replace("1004", "1007")
      return frame === 1005 ? "" : entry
    }
    lay(await listOf(lying))
    const stdout = await drawn()
    for (const line of [
      /^hash list +listed\/ascmhl\/0002\S+: 3 frames as listed$/m,
      /^other bytes +1002$/m,
      /^listed only +1007$/m,
      /^not listed +1005$/m,
      /^not compared +1003: the list has md5 of them, and no xxh128$/m,
    ])
      expect(stdout).toMatch(line)
    expect(stdout).toMatch(/not as its hash list says\.\n$/)
    expect((await report("--csv")).stdout).toContain("\nother bytes,1,1002,0,1002\n")
  })

  it("is compared with the frames as they are now, not as they were when they were made", async () => {
    lay(await listOf((entry) => entry))
    rmSync(frames.path("listed/beauty.1001.exr"))
    writeFileSync(frames.path("listed/beauty.1002.exr"), "other bytes")
    const stdout = await drawn()
    expect(stdout).toMatch(/^listed only +1001$/m)
    expect(stdout).toMatch(/^other bytes +1002$/m)
  })

  it.each([
    ["is no list", "<x/>", /is no list of ASC MHL 2\.0/],
    ["brings entities", '<!DOCTYPE x [<!ENTITY e "e">]><hashlist/>', /has a document type/],
    ["is empty", "", /is no XML/],
  ])("that %s is warned of by its name, and the report is shown", async (_, text, says) => {
    lay(text)
    const { code, stdout, stderr } = await report("--json")
    expect(code).toBe(0)
    expect(stderr).toMatch(new RegExp(`^warning: ${LIST} cannot be read to its end: it ${says.source}.*\n$`))
    expect(JSON.parse(stdout).report.isSound).toBe(true)
    expect(await drawn()).toContain(`${LIST} cannot be read to its end`)
  })

  it("with paths out of its folder has them not believed", async () => {
    lay(await listOf((entry, frame) => (frame === 1001 ? entry.replace("beauty", "../clean/beauty") : entry)))
    const stdout = await drawn()
    expect(stdout).toMatch(/^not believed +"\.\.\/clean\/beauty\.1001\.exr" leads out of its folder/m)
    expect((await report("--csv")).stderr).toBe(`warning: ${LIST} has 1 entry that cannot be true\n`)
  })
})
