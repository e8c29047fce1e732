// The built page: dist/src/sheet/, beside src/ in a checkout, beside the command in the package.

import { readFileSync } from "node:fs"
import { done, failed, failure, type Result } from "../events/result.ts"
import type { PageParts } from "./html.ts"

const FOLDER = new URL(import.meta.url.endsWith(".ts") ? "../../dist/src/sheet/" : "../sheet/", import.meta.url)

/** Fails where it was not built: tool/missing. */
export function readPageParts(folder: URL = FOLDER): Result<PageParts> {
  try {
    const read = (name: string): string => readFileSync(new URL(name, folder), "utf8")
    return done({ script: read("page.js"), style: read("page.css") })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
    return failed(
      failure("tool/missing", "The page of the contact sheet was not built: run `make setup` in the checkout."),
    )
  }
}
