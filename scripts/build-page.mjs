// Bundles the page of the contact sheet into dist/src/sheet/: one script, one style. Takes a quarter of a second, so that nobody asks
// whether it is needed: scripts/setup runs it, `npm run build`, and every run of tests. Whoever packs may have an older Node, which
// takes no TypeScript.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"

const root = join(import.meta.dirname, "..")
const inRoot = (path) => join(root, path)

/** A licence asks that whoever gets the code gets its text, too. */
function licenceOfPreact() {
  const folder = inRoot("node_modules/preact")
  if (!existsSync(folder))
    throw new Error("node_modules/ lacks preact: run `make setup`, or `npm ci --ignore-scripts`.")
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  return `/* Preact ${version} (${license})\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n*/\n`
}

/** Others may read the page meanwhile, or build it as well. */
function replace(name, text) {
  const folder = inRoot("dist/src/sheet")
  mkdirSync(folder, { recursive: true })
  const written = join(folder, `.${process.pid}-${name}`)
  writeFileSync(written, text)
  renameSync(written, join(folder, name))
}

const licence = licenceOfPreact()
const { output } = await build({
  input: inRoot("src/sheet/page/main.tsx"),
  platform: "browser",
  tsconfig: false,
  transform: { target: "es2023", jsx: { runtime: "automatic", importSource: "preact" } },
  write: false,
  output: { format: "iife", minify: true },
})
replace("page.js", `${licence}${output[0].code.trim()}`)
const styles = ["base", "grid", "player"].map((name) => readFileSync(inRoot(`src/sheet/page/${name}.css`), "utf8"))
replace("page.css", styles.join(""))
