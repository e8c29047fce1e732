import { type Failure, failure } from "../events/failure.ts"
import { failed, type Result } from "../events/result.ts"

const WORLDLY = new Set([
  ...[
    "ENOSPC",
    "EDQUOT",
    "EACCES",
    "EPERM",
    "EROFS",
    "ENOTDIR",
    "EEXIST",
    "ENOENT",
    "EIO",
    "EMFILE",
    "ENFILE",
    "EBUSY",
  ],
])

/** Work on temporary files. Trouble with their folder is an outage of this machine, never the frame's fault: scratch/full. */
export async function onScratch<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    return failed(scratchFailure(error))
  }
}

/** The failure that trouble with temporary files is; throws what is none. */
export function scratchFailure(error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (!WORLDLY.has(code)) throw error
  return failure(
    "scratch/full",
    `The folder for temporary files cannot be used (${code}); check its permissions and room.`,
  )
}
