import { writeSync } from "node:fs"
import { registerHooks } from "node:module"

/** Preloaded with --import: at its end the process writes the packages that it loaded to file descriptor 3, one a line. */
const PACKAGE = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g

const packages = new Set()
registerHooks({
  load: (url, context, next) => {
    const name = [...url.matchAll(PACKAGE)].at(-1)?.[1]
    if (name !== undefined) packages.add(name)
    return next(url, context)
  },
})
process.on("exit", () => void writeSync(3, [...packages].toSorted().join("\n")))
