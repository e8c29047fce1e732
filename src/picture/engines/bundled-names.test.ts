import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { BUNDLED_NAMES } from "./bundled-names.ts"
import { parseOcioConfig } from "./ocio-text.ts"

it("the names of the bundled config are those of its file", () => {
  const text = readFileSync(new URL("../proxy.ocio", import.meta.url), "utf8")
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16)
  expect({ path: "proxy.ocio", ...BUNDLED_NAMES }).toEqual({ ...parseOcioConfig("proxy.ocio", text), hash })
})
