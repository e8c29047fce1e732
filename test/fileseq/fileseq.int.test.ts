import { fileURLToPath } from "node:url"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { frameSet, framesOfText, rangesText } from "../../src/element/frame-ranges.ts"
import { FILESEQ_NAMES, FILESEQ_RANGES } from "../../src/element/testing/fileseq-answers.ts"
import { python } from "../machine/python.ts"
import { installFileseq } from "../services/install/python-clients.ts"

const SCRIPT = fileURLToPath(new URL("ask.py", import.meta.url))

type Answers = {
  readonly names: readonly unknown[]
  readonly ranges: readonly (readonly [string, readonly number[]])[]
}

describe("Python's fileseq", () => {
  let packages: string
  beforeAll(async () => {
    packages = await installFileseq()
  })

  const ask = async (names: readonly string[], ranges: readonly string[]): Promise<Answers> =>
    JSON.parse(
      await python({ script: SCRIPT, args: [], stdin: JSON.stringify({ names, ranges }), packages }),
    ) as Answers

  it("says of names and texts what its stored answers say", async () => {
    const names = FILESEQ_NAMES.map(([name]) => name)
    const ranges = FILESEQ_RANGES.map(([text]) => text)
    expect(await ask(names, ranges)).toEqual({ names: FILESEQ_NAMES, ranges: FILESEQ_RANGES })
  })

  it("reads the ranges that we write, and we read its", async () => {
    const sets = fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 1, maxLength: 60 })
    const written = fc.sample(sets, 300).map((numbers) => rangesText(frameSet(numbers)))
    const { ranges } = await ask([], written)
    expect(ranges.map(([text, frames]) => [text, frames])).toEqual(
      written.map((text) => [text, [...(framesOfText(text) ?? [])]]),
    )
  })
})
