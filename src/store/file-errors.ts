import { constants } from "node:os"
import { type Failure, type FailureCode, failed, failure, type Result } from "../events/result.ts"

/** What an error stands in the way of: reading the store, writing to it, or the caller's own local file. */
export type Side = "read" | "write" | "scratch"

const MEANINGS = {
  missing: ["store/missing", "does not exist"],
  blocked: [
    "store/bad-key",
    "cannot be stored: its name is taken by a folder, or a file is where its folder should be",
  ],
  badName: ["store/bad-key", "has a name that this file system cannot hold"],
  denied: ["store/denied", "is not accessible: check owner, permissions and whether the folder is mounted read-only"],
  split: ["store/denied", "cannot be stored: .object-metadata beside it is on another file system"],
  full: ["store/full", "cannot be stored: the disk or quota is full; free some room"],
  tooLarge: ["store/too-large", "is larger than this file system takes"],
  mayPass: ["store/failed", "could not be read or written just now"],
  away: ["store/unreachable", "is out of reach: check the mount and its server"],
} as const satisfies Record<string, readonly [FailureCode, string]>

type Meaning = keyof typeof MEANINGS

const EVERYWHERE: Readonly<Record<Meaning, string>> = {
  badName: "ENAMETOOLONG EILSEQ",
  denied: "EACCES EPERM EROFS ELOOP",
  full: "ENOSPC EDQUOT",
  tooLarge: "EFBIG",
  mayPass: "EIO ESTALE EAGAIN EBUSY ETXTBSY EMFILE ENFILE ENOMEM EINTR EREMOTEIO ENOLCK EPROTO UNKNOWN",
  away:
    "ENETUNREACH ENETDOWN EHOSTDOWN EHOSTUNREACH ECONNREFUSED ECONNRESET ECONNABORTED ENOTCONN ETIMEDOUT ENODEV " +
    "ENXIO ESHUTDOWN EPIPE",
  missing: "",
  blocked: "",
  split: "",
}

/** A path that disappears while it is written was moved by another process: worth another try. */
const BY_SIDE: Readonly<Record<Side, Readonly<Record<string, Meaning>>>> = {
  read: { ENOENT: "missing", ENOTDIR: "missing", EISDIR: "missing", EINVAL: "badName" },
  write: {
    ENOENT: "mayPass",
    ENOTDIR: "blocked",
    EISDIR: "blocked",
    EEXIST: "blocked",
    EXDEV: "split",
    EINVAL: "badName",
  },
  scratch: {},
}

const meanings = Object.keys(EVERYWHERE) as Meaning[]

/**
 * The failure that an error of the file system stands for; `what` names the object or folder. What is not listed here
 * is a bug of ours and thrown again. A local scratch file that cannot be used is an outage of this machine, whatever the
 * reason, and its path is not told; but one that is not there is a bug of the caller.
 */
export function classify(error: unknown, side: Side, what: string): Failure {
  const code = errnoOf(error)
  const meaning = code === null ? undefined : (BY_SIDE[side][code] ?? meaningOf(code))
  if (meaning === undefined) throw error
  const [failureCode, says] = MEANINGS[meaning]
  return side === "scratch"
    ? failure("scratch/full", `The temporary copy of ${what} could not be written or read (${code}): make room for it.`)
    : failure(failureCode, `${what} ${says} (${code}).`)
}

/** A number that not even Node has a name for comes from the kernel, not from us. */
const meaningOf = (code: string): Meaning | undefined =>
  code.startsWith("Unknown system error")
    ? "mayPass"
    : meanings.find((meaning) => EVERYWHERE[meaning].split(" ").includes(code))

/** Runs `work`; what the file system throws comes back as a failure. */
export async function attempt<T>(side: Side, what: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    return failed(classify(error, side, what))
  }
}

/** For `.catch`: turns the named error codes into null and throws any other again. */
export const orNull =
  (...codes: readonly string[]) =>
  (error: unknown): null => {
    if (codes.includes(errnoOf(error) ?? "")) return null
    throw error
  }

/** Node calls ESTALE and EDQUOT "Unknown system error -116": the number tells the name. */
const namesByNumber = new Map(Object.entries(constants.errno).map(([name, number]) => [-number, name]))

/** The system's code of an error (ENOENT); null for any error that no system call made. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string")) return null
  const number = "errno" in error && typeof error.errno === "number" ? error.errno : 0
  return error.code.startsWith("Unknown") ? (namesByNumber.get(number) ?? error.code) : error.code
}
