import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"

/** The part of vitest's JSON report that is counted, and what names a failure or a slow file. */
type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
  readonly testResults: readonly TestFile[]
}

type TestFile = {
  readonly name: string
  readonly status: string
  /** Of its tests, milliseconds since 1970. */
  readonly startTime: number
  readonly endTime: number
  /** Why the file failed outside of any test: it did not load, or a hook of the whole file failed; else empty. */
  readonly message: string
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
}

const shortNameOf = (path: string): string => relative(process.cwd(), path)

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

/** The failed tests of a file, or what failed in it outside of any test. */
function failuresOf({ name, status, message, assertionResults }: TestFile): readonly string[] {
  const file = shortNameOf(name)
  const tests = assertionResults.filter((test) => test.status === "failed").map(({ fullName }) => onOneLine(fullName))
  const outside = status === "failed" && tests.length === 0 ? [`outside of its tests: ${onOneLine(message)}`] : []
  return [...tests, ...outside].map((what) => `${file} > ${what}`)
}

const [folder = "."] = process.argv.slice(2)
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Report)
const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0)

const passed = sum(({ numPassedTests }) => numPassedTests)
const failed = sum(({ numFailedTests }) => numFailedTests)
const skipped = sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests)

const SLOWEST = 10
const secondsOf = ({ startTime, endTime }: TestFile): number => Math.round((endTime - startTime) / 1000)
for (const { testResults } of reports) {
  const slowest = testResults.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, SLOWEST)
  for (const file of slowest) console.log(`took ${secondsOf(file)} s: ${shortNameOf(file.name)}`)
}

// Named again at the end, because a record of CI that is too long loses its middle.
const failures = reports.flatMap(({ testResults }) => testResults.flatMap(failuresOf)).toSorted()
for (const failure of failures) console.log(`failed: ${failure}`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
// A report that is missing, a file that did not load, or no test at all is a failure, whatever was counted.
process.exit(passed > 0 && failed === 0 && reports.every(({ success }) => success) ? 0 : 1)
