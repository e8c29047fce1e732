/** The pages that come with the package: the same in a checkout, an image and what npm installed. */

import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { packageFolder } from "../picture/tools/find-tool.ts"

export type Page = {
  /** As messages name it: `failures` for docs/failures.md. */
  readonly name: string
  readonly title: string
  readonly text: string
  readonly path: string
}

/** In the order of their names. */
export async function packagePages(): Promise<readonly Page[]> {
  const folder = join(await packageFolder(), "docs")
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".md")).sort()
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file)
      const text = await readFile(path, "utf8")
      return { name: file.slice(0, -".md".length), title: /^# (.*)$/m.exec(text)?.[1] ?? file, text, path }
    }),
  )
}
