import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { currentOutputsQuery } from "./current-outputs.ts"

it("docs/tables.md gives the query of the view as it is", () => {
  const doc = readFileSync(new URL("../../docs/tables.md", import.meta.url), "utf8")
  expect(doc).toContain(currentOutputsQuery("proxy_outputs", "elements"))
})
