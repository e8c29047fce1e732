import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const BUILD = fileURLToPath(new URL("../../scripts/build-page.mjs", import.meta.url))

/** Before any test: the pages of contact sheet and console as their sources are now, whatever was built before. */
export const setup = (): void => {
  execFileSync(process.execPath, [BUILD], { stdio: "inherit" })
}
