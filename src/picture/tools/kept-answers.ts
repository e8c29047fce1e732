import { createHash, randomUUID } from "node:crypto"
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"

/** What is asked of a program. */
export type ToolQuestion = {
  /** Absolute path. */
  readonly program: string
  readonly args: readonly string[]
  /** What the answer depends on besides: a hash of what the arguments name, say. */
  readonly about?: string
}

/** Answers of programs, kept over processes: a program that is the same file answers the same. */
export type KeptAnswers = {
  /** The kept answer, else that of `ask`, which is kept unless it is null. */
  readonly of: (question: ToolQuestion, ask: () => Promise<string | null>) => Promise<string | null>
}

/** After a day a program is asked anew: the libraries that it stands on may have changed without it. */
const KEPT_MS = 24 * 3_600_000

/**
 * In a folder that is made at the first need. Keeping is worth a start without four processes, and no more: where the folder
 * cannot be read or written, the program is asked.
 */
export const openKeptAnswers = (folder: string): KeptAnswers => ({
  of: async (question, ask) => {
    const name = await nameOf(question).catch(() => null)
    if (name === null) return ask()
    const file = join(folder, `${name}.txt`)
    const kept = await read(file).catch(() => null)
    if (kept !== null) return kept
    const answer = await ask()
    if (answer !== null) await keep(folder, file, answer).catch(() => undefined)
    return answer
  },
})

/** Nothing is kept: for whoever wants to know how things stand now. */
export const keepsNoAnswers: KeptAnswers = { of: (_, ask) => ask() }

/** Replacing a program changes its inode, writing into it its times. */
async function nameOf({ program, args, about = "" }: ToolQuestion): Promise<string> {
  const path = await realpath(program)
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
  const identity = [path, ...[dev, ino, size, mtimeNs, ctimeNs].map(String), about, ...args]
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 40)
}

async function read(file: string): Promise<string | null> {
  const ageMs = Date.now() - (await stat(file)).mtimeMs
  return ageMs >= 0 && ageMs < KEPT_MS ? readFile(file, "utf8") : null
}

/** Whole or not at all: other processes read it meanwhile. */
async function keep(folder: string, file: string, answer: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const written = join(folder, `${randomUUID()}.new`)
  try {
    await writeFile(written, answer, { mode: 0o600 })
    await rename(written, file)
  } finally {
    await rm(written, { force: true })
  }
}
