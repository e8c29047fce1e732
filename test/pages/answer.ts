/** Numbers, times, sizes, hashes and the width of columns differ from run to run; what is said does not. */
const shapeOf = (line: string): string =>
  line
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, "#")
    .replaceAll(/\d+([.,:]\d+)*/g, "#")
    .replaceAll(/([─━])\1+/g, "$1")
    .replaceAll(/\s+/g, " ")
    .trim()

const linesOf = (lines: readonly string[]): readonly string[] => lines.map(shapeOf).filter((line) => line !== "")

/** Whether a line is what a page shows, where `…` stands for any text within it. */
function isLike(shown: string, said: string): boolean {
  let at = 0
  const pieces = shown.split("…")
  for (const [index, piece] of pieces.entries()) {
    const found = index === pieces.length - 1 && index > 0 ? said.lastIndexOf(piece) : said.indexOf(piece, at)
    if (found < at || (index === 0 && found !== 0)) return false
    at = found + piece.length
  }
  return at === said.length || shown.endsWith("…")
}

/** The answer that a page shows, split at its `...` lines, which stand for any lines. */
function passagesOf(shown: readonly string[]): readonly (readonly string[])[] {
  const passages: string[][] = [[]]
  for (const line of linesOf(shown)) {
    if (line === "...") passages.push([])
    else passages.at(-1)?.push(line)
  }
  return passages
}

/** The first line that a page shows and the command did not say there, or null where all is as shown. */
export function firstUnlike(shown: readonly string[], answer: string): string | null {
  const said = linesOf(answer.split("\n"))
  const passages = passagesOf(shown)
  let at = 0
  for (const [index, passage] of passages.entries()) {
    const isLast = index === passages.length - 1
    if (passage.length === 0) continue
    const latest = said.length - passage.length
    let start = isLast ? Math.max(at, latest) : at
    const fits = (from: number): boolean => passage.every((line, offset) => isLike(line, said[from + offset] ?? ""))
    if (index > 0 && !isLast) while (start < latest && !fits(start)) start += 1
    const bad = passage.find((line, offset) => !isLike(line, said[start + offset] ?? ""))
    if (bad !== undefined || start > latest || (isLast && index === 0 && said.length !== passage.length))
      return bad ?? `${passage.at(-1)}, and nothing after it`
    at = start + passage.length
  }
  const isOpen = passages.at(-1)?.length === 0
  return at === said.length || isOpen ? null : `nothing after ${at} lines, not: ${said[at]}`
}
