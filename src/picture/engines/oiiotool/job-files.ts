import { readFile, rm, symlink } from "node:fs/promises"
import { join, resolve } from "node:path"
import { failure } from "../../../events/failure.ts"
import { done, failed, type Result } from "../../../events/result.ts"
import type { RenderedFile, RenderJob } from "../../index.ts"
import { fileNameFor } from "../../read/header/model.ts"
import { onScratch } from "../../scratch-failure.ts"

/** What both outputs are called in the job's folder. */
export const OUTPUTS = { thumbnail: "thumb.jpg", movie: "proxy.mp4" }

/** A fixed name in the job's folder, whatever the source is called: both tools expand `%` and `#` in names. */
export function linkedSource({ sourceFile, folder, reading }: RenderJob): Promise<Result<string>> {
  const name = fileNameFor(reading.selection.format)
  return onScratch(async () => {
    await rm(join(folder, name), { force: true })
    await symlink(resolve(sourceFile), join(folder, name))
    return done(name)
  })
}

/** A file that was written, read back before anyone believes it. Fails: tool/failed with what `problem` says. */
export async function writtenFile(
  path: string,
  problem: (bytes: Buffer) => string | null,
): Promise<Result<Pick<RenderedFile, "path" | "sizeBytes">>> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0))
  const wrong = problem(bytes)
  return wrong === null ? done({ path, sizeBytes: bytes.length }) : failed(failure("tool/failed", wrong))
}
