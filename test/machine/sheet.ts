import { readFileSync } from "node:fs"
import type { Sheet } from "../../src/sheet/index.ts"
import { sheetOfText } from "../../src/sheet/page-data.ts"

/** What a page that `contact-sheet` wrote shows, as the page itself reads it. */
export function sheetIn(file: string): Sheet {
  const [, data] = /<script type="application\/json" id="sheet">(.*?)<\/script>/s.exec(readFileSync(file, "utf8")) ?? []
  if (data === undefined) throw new Error(`${file} has no data.`)
  return sheetOfText(data)
}
