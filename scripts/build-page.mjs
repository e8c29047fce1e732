// Bundles the pages: the contact sheet's into dist/src/sheet/, the console's into dist/src/console/, each one script and one style. Takes
// less than a second, so that nobody asks whether it is needed: scripts/setup runs it, `npm run build`, and every run of tests.
// Whoever packs may have an older Node, which takes no TypeScript.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { build } from "rolldown"

const root = join(import.meta.dirname, "..")
const inRoot = (path) => join(root, path)

/** A licence asks that whoever gets the code gets its text, too. */
function licenceOf(name) {
  const folder = inRoot(`node_modules/${name}`)
  if (!existsSync(folder))
    throw new Error(`node_modules/ lacks ${name}: run \`make setup\`, or \`npm ci --ignore-scripts\`.`)
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const title = `${name[0].toUpperCase()}${name.slice(1)}`
  return `/* ${title} ${version} (${license})\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n*/\n`
}

/** Others may read the page meanwhile, or build it as well. */
function replace(path, text) {
  const file = inRoot(`dist/src/${path}`)
  mkdirSync(dirname(file), { recursive: true })
  const written = join(dirname(file), `.${process.pid}-${basename(file)}`)
  writeFileSync(written, text)
  renameSync(written, file)
}

async function buildPage(name, packages, styles) {
  const { output } = await build({
    input: inRoot(`src/${name}/page/main.tsx`),
    platform: "browser",
    tsconfig: false,
    transform: { target: "es2023", jsx: { runtime: "automatic", importSource: "preact" } },
    write: false,
    output: { format: "iife", minify: true },
  })
  replace(`${name}/page.js`, `${packages.map(licenceOf).join("")}${output[0].code.trim()}`)
  replace(`${name}/page.css`, styles.map((style) => readFileSync(inRoot(style), "utf8")).join(""))
}

const ofSheet = (style) => `src/sheet/page/${style}.css`

const SHEET_STYLES = ["base", "grid", "player"].map(ofSheet)

await buildPage("sheet", ["preact"], SHEET_STYLES)
const ofConsole = (style) => `src/console/page/${style}.css`

await buildPage(
  "console",
  ["preact", "uplot"],
  ["node_modules/uplot/dist/uPlot.min.css", ...SHEET_STYLES, ...["console", "frame", "operations"].map(ofConsole)],
)
replace("console/index.html", readFileSync(inRoot("src/console/page/index.html"), "utf8"))
