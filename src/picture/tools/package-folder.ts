import { access } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Folder of this package, from the sources as from dist/: the nearest one above that holds package.json. */
export async function packageFolder(): Promise<string> {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (folder !== dirname(folder)) {
    const isHere = await access(join(folder, "package.json")).then(
      () => true,
      () => false,
    )
    if (isHere) return folder
    folder = dirname(folder)
  }
  throw new Error("The package's own package.json is missing.")
}
