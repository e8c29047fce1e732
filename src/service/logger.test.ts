import { expect, it } from "vitest"
import { recorded } from "../cli/testing/console.ts"
import { HOSTILE_TEXTS, rawIn } from "../cli/testing/hostile-texts.ts"
import { openLogger } from "./logger.ts"

const open = (stderr = recorded(), logFormat: "auto" | "json" | "text" = "auto") => ({
  stderr,
  logger: openLogger({ config: { logLevel: "info", logFormat }, stderr, secrets: ["hunter2", 'quo"te', "x"] }),
})

it("writes one JSON object a line in a service, with level and time in words", () => {
  const { stderr, logger } = open()
  logger.info({ bucket: "b", key: "a\nb.exr" }, "rendered")
  logger.debug("too quiet")
  const lines = stderr.text().trimEnd().split("\n")
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    bucket: "b",
    key: "a\nb.exr",
    msg: "rendered",
  })
})

it("is readable on a terminal, where a hostile name cannot forge a line", () => {
  const { stderr, logger } = open(recorded({ columns: 80 }))
  logger.warn({ key: "a\n00:00:00 info forged", tries: 2 }, "slow")
  expect(stderr.text()).toMatch(/^\d\d:\d\d:\d\d warn {2}slow key="a\\n00:00:00 info forged" tries=2\n$/)
})

it.each(HOSTILE_TEXTS)("holds nothing that a terminal obeys, as text and as JSON, of %s", (_, text) => {
  for (const format of ["json", "text"] as const) {
    const { stderr, logger } = open(recorded(), format)
    logger.warn({ key: text, nested: { text }, [text]: "name", err: new Error(text) }, text)
    expect(rawIn(stderr.text())).toBeNull()
    if (format === "json") expect(JSON.parse(stderr.text())).toMatchObject({ key: text, nested: { text }, msg: text })
  }
})

it("shows the stack of an error", () => {
  const { stderr, logger } = open(recorded(), "text")
  logger.error({ err: new Error("boom") }, "failed")
  expect(stderr.text()).toMatch(/ error failed\n {4}Error: boom\n {4} {4}at .*logger\.test\.ts/)
})

it("never shows a secret, wherever it got into the line, in either form", () => {
  for (const format of ["json", "text"] as const) {
    const { stderr, logger } = open(recorded(), format)
    logger.info(
      { url: "http://me:hunter2@host/", password: "other", nested: { token: "other", note: 'quo"te' } },
      "x hunter2",
    )
    expect(stderr.text()).not.toMatch(/hunter2|other|quo\\*"te/)
    expect(stderr.text()).toContain("x ********")
  }
})

it("hands whole lines to whoever draws progress", () => {
  const lines: string[] = []
  const stderr = recorded()
  const logger = openLogger({
    config: { logLevel: "info", logFormat: "text" },
    stderr,
    secrets: [],
    note: (line) => lines.push(line),
  })
  logger.info("hello")
  expect(lines).toEqual([expect.stringMatching(/ info {2}hello$/)])
  expect(stderr.text()).toBe("")
})

it("leaves out lines while nobody reads them, and says how many", () => {
  const written: string[] = []
  const stalled = { writableLength: 0, write: (text: string) => written.push(text) > 0 }
  const stderr = stalled as unknown as Parameters<typeof openLogger>[0]["stderr"]
  const logger = openLogger({ config: { logLevel: "info", logFormat: "json" }, stderr, secrets: [] })
  logger.info("first")
  stalled.writableLength = 64 * 2 ** 20
  for (let line = 0; line < 1000; line += 1) logger.info("unread")
  expect(written).toHaveLength(1)
  stalled.writableLength = 0
  logger.info("last")
  const lines = written.join("").trimEnd().split("\n")
  const told = lines.map((line) => JSON.parse(line) as { readonly msg: string; readonly lines?: number })
  expect(told.map((line) => [line.msg, line.lines])).toEqual([
    ["first", undefined],
    ["log lines were left out: nobody read them", 1000],
    ["last", undefined],
  ])
})
