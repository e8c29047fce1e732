import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"

const modules = join(import.meta.dirname, "../node_modules")
const script = join(import.meta.dirname, "sum-reports.ts")

type Ended = { readonly code: number; readonly lines: readonly string[] }

const TOOK = /^took \d+ s: /

const node = (argv: readonly string[], cwd: string): Promise<Ended> =>
  new Promise((resolve) => {
    // Without the environment of the vitest that runs this file: the one started here is nobody's worker.
    const child = execFile(process.execPath, argv, { cwd, env: { PATH: process.env.PATH } }, (_error, stdout) =>
      resolve({ code: child.exitCode ?? -1, lines: stdout.trim().split("\n") }),
    )
  })

let root = ""

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "oiio-sum-"))
  await mkdir(join(root, "reports"))
  await symlink(modules, join(root, "node_modules"))
})

afterEach(() => rm(root, { recursive: true, force: true }))

/** Runs test files with vitest itself, so that a change of its report's form is seen here. */
async function sumOf(suites: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<Ended> {
  for (const [suite, files] of Object.entries(suites)) {
    await mkdir(join(root, suite))
    for (const [name, body] of Object.entries(files)) {
      await writeFile(join(root, suite, name), `import { afterAll, beforeAll, expect, test } from "vitest"\n${body}\n`)
    }
    const report = `--outputFile=${join(root, "reports", `${suite}.json`)}`
    await node([join(modules, "vitest/vitest.mjs"), "run", "--dir", suite, "--reporter=json", report], root)
  }
  return await node([script, join(root, "reports")], root)
}

const PASSES = 'test("passes", () => { expect(1).toBe(1) })'

test("adds up the reports of all suites, and ends with 0 when nothing failed", async () => {
  const sum = await sumOf({
    unit: { "a.test.ts": `${PASSES}\ntest.skip("waits", () => {})` },
    services: { "b.test.ts": `${PASSES}\ntest.todo("comes")` },
  })

  expect(sum).toEqual({
    code: 0,
    lines: [
      expect.stringMatching(/^took \d+ s: services\/b.test.ts$/),
      expect.stringMatching(/^took \d+ s: unit\/a.test.ts$/),
      "2 passed, 0 failed, 2 skipped",
    ],
  })
})

test("names each failed test, and what failed outside of any test, on a line of its own before the sum", async () => {
  const sum = await sumOf({
    services: {
      "after.test.ts": `${PASSES}\nafterAll(() => { throw new Error("does not\\nstop") })`,
      "broken.test.ts": 'throw new Error("does not load")',
    },
    unit: { "a.test.ts": `${PASSES}\ntest("counts to\\nthree", () => { expect(2).toBe(3) })` },
  })

  expect({ ...sum, lines: sum.lines.filter((line) => !TOOK.test(line)) }).toEqual({
    code: 1,
    lines: [
      "failed: services/after.test.ts > outside of its tests: does not stop",
      "failed: services/broken.test.ts > outside of its tests: does not load",
      "failed: unit/a.test.ts > counts to three",
      "2 passed, 1 failed, 0 skipped",
    ],
  })
})
