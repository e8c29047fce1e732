import { type Page, packagePages } from "../../deployment/package-pages.ts"
import type { Call, Command, Ending } from "../command.ts"
import { badUsage } from "../terminal/io.ts"
import { type Column, tableText, tableWidth } from "../views/text-table.ts"

const COLUMNS: readonly Column<Page>[] = [
  { title: "page", of: ({ name }) => name },
  { title: "about", of: ({ title }) => title },
]

async function run({ io, args, options }: Call): Promise<Ending> {
  const pages = await packagePages()
  const [wanted] = args
  if (wanted === undefined) {
    io.stdout.write(tableText(pages, COLUMNS, tableWidth(io)))
    return 0
  }
  const page = pages.find(({ name, path }) => name === wanted || path.endsWith(`/${wanted}`))
  if (page === undefined) {
    const there = pages.length === 0 ? "the package came without any" : pages.map(({ name }) => name).join(", ")
    return badUsage(io, `There is no page ${wanted}: ${there}.`)
  }
  io.stdout.write(options.path === true ? `${page.path}\n` : page.text)
  return 0
}

export const docs: Command = {
  details:
    "The pages come with the package, so that what messages name is there without a network, and of this version.",
  parameters: [
    { syntax: "[page]", says: "its name, as messages name it: failures; without one, the pages are listed" },
  ],
  options: [{ syntax: "--path", says: "say where the page's file is, in place of printing it" }],
  examples: [
    ["docs", "lists the pages"],
    ["docs failures", "every code of a failure, and what it means"],
    ["docs settings --path", "where the file is, to open it in another way"],
  ],
  run,
}
