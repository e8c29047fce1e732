import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The part of vitest's JSON report that is counted. */
type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
}

const [folder = "."] = process.argv.slice(2)
const reports = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Report)
const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0)

const passed = sum(({ numPassedTests }) => numPassedTests)
const failed = sum(({ numFailedTests }) => numFailedTests)
const skipped = sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests)

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
// A report that is missing, a file that did not load, or no test at all is a failure, whatever was counted.
process.exit(passed > 0 && failed === 0 && reports.every(({ success }) => success) ? 0 : 1)
