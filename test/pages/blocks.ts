import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { CHECKOUT } from "../machine/npm.ts"

/** What a page tells its reader to type, and what it shows as the answer. */
export type Shown = {
  readonly page: string
  readonly line: number
  readonly command: string
  /** Lines of the answer as the page has them, or null where it shows none; `...` stands for any lines. */
  readonly answer: readonly string[] | null
}

export type Block = {
  readonly page: string
  /** Of the opening fence. */
  readonly line: number
  readonly language: string
  readonly lines: readonly string[]
}

/** Pages that tell somebody what to type. Decisions tell what was decided, the changelog what was. */
export const PAGES: readonly string[] = globSync(["*.md", "docs/*.md", "examples/*.md", "samples/*.md"], {
  cwd: CHECKOUT,
})
  .filter((page) => page !== "CHANGELOG.md")
  .sort()

export const readPage = (page: string): string => readFileSync(join(CHECKOUT, page), "utf8")

/** Every fenced block of a page, also in a list. */
export function blocksOf(page: string, text: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { line: number; language: string; indent: string; lines: string[] } | null = null
  for (const [at, line] of text.split("\n").entries()) {
    const fence = /^( *)```(\S*)/.exec(line)
    if (open !== null && fence !== null) {
      blocks.push({ page, line: open.line, language: open.language, lines: open.lines })
      open = null
    } else if (open !== null) open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    else if (fence !== null) open = { line: at + 1, language: fence[2] ?? "", indent: fence[1] ?? "", lines: [] }
  }
  if (open !== null) throw new Error(`${page}:${open.line}: a block that nothing ends`)
  return blocks
}

/** Commands of a block for a shell, each with its line; a backslash at the end goes on in the next. */
export function commandsOf(block: Block): readonly Shown[] {
  if (block.language === "console") return conversation(block)
  if (block.language !== "sh") return []
  const shown: Shown[] = []
  let parts: string[] = []
  for (const [at, line] of block.lines.entries()) {
    if (parts.length === 0 && /^\s*(#.*)?$/.test(line)) continue
    parts.push(line)
    if (line.endsWith("\\")) continue
    const first = block.line + 1 + at - (parts.length - 1)
    shown.push({ page: block.page, line: first, command: parts.join("\n").trim(), answer: null })
    parts = []
  }
  return shown
}

/** `$ ` begins what is typed, `> ` goes on with it, anything else is the answer. */
function conversation({ page, line, lines }: Block): readonly Shown[] {
  const shown: { page: string; line: number; command: string; answer: string[] }[] = []
  for (const [at, text] of lines.entries()) {
    const last = shown.at(-1)
    if (text.startsWith("$ ")) shown.push({ page, line: line + 1 + at, command: text.slice(2), answer: [] })
    else if (last === undefined) throw new Error(`${page}:${line}: an answer to nothing`)
    else if (text.startsWith("> ") && last.answer.length === 0) last.command += `\n${text.slice(2)}`
    else last.answer.push(text)
  }
  return shown
}

export const allShown = (): readonly Shown[] =>
  PAGES.flatMap((page) => blocksOf(page, readPage(page)).flatMap((block) => commandsOf(block)))
