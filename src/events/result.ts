/** What the world did, as a value: a rejected promise or a throw means a bug of ours, never a bad file or a lost server. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

export const done = <T>(value: T): Result<T> => ({ ok: true, value })

export const failed = (failure: Failure): { readonly ok: false; readonly failure: Failure } => ({ ok: false, failure })

/** The values of all, or the first failure. */
export function allOf<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const values: T[] = []
  for (const result of results) {
    if (!result.ok) return result
    values.push(result.value)
  }
  return done(values)
}

/** The values of a stream of results, or its first failure. */
export async function collect<T>(results: AsyncIterable<Result<T>>): Promise<Result<readonly T[]>> {
  const values: T[] = []
  for await (const result of results) {
    if (!result.ok) return result
    values.push(result.value)
  }
  return done(values)
}

/**
 * Every way in which the world can let us down. One catalogue: docs/failures.md is generated from it and a test holds
 * them equal. A retired code is never used again for something else.
 *
 * permanent: trying again gives the same answer. transient: may pass; retried, then ElementFailed.
 * outage: a server is out of reach; intake pauses and resumes, and it never becomes an ElementFailed.
 */
export const FAILURES = {
  "source/gone": ["permanent", "The source object no longer exists."],
  "source/changed": ["transient", "The source changed while it was read; the work starts again from its new version."],
  "source/too-large": ["permanent", "The source is larger than the configured limit."],
  "source/unsupported-type": [
    "permanent",
    "The file extension is none that is rendered: .exr .dpx .tif .tiff, and what the setting sources opens besides.",
  ],
  "picture/empty": ["permanent", "The file is empty."],
  "picture/not-a-picture": ["permanent", "The bytes are not of the format that the file extension names."],
  "picture/damaged": ["permanent", "The file is truncated or inconsistent."],
  "picture/unsupported": ["permanent", "The format is right, but this kind of it cannot be shown."],
  "picture/over-limit": ["permanent", "The header asks for more pixels, parts or memory than the limits allow."],
  "picture/no-displayable-channels": ["permanent", "No channel of the file can be shown as a picture."],
  "picture/choice-missing": ["permanent", "The file lacks the part, view, layer or channels that the settings choose."],
  "picture/look-unusable": [
    "permanent",
    "The look file beside the frame is damaged, or of a kind that is not followed.",
  ],
  "picture/silently-black": ["permanent", "The picture came out black although its source is not."],
  "sequence/incomplete": [
    "permanent",
    "Frames are missing or failed, and the setting sequenceGaps asks for all of them.",
  ],
  "sequence/too-long": ["permanent", "The frames span more than a day of film: their numbers are no frame numbers."],
  "sequence/unlike": [
    "permanent",
    "Proxies of one sequence have several sizes, rates or encoder settings. What earlier settings or recipes made is rendered again by itself; what today's make unlike is for a person to look at.",
  ],
  "sequence/proxy-missing": [
    "permanent",
    "A proxy of the sequence is gone, or is not that of its source any more; it is made again by itself, then the movie.",
  ],
  "tool/failed": ["permanent", "A picture tool refused the file."],
  "tool/timed-out": [
    "permanent",
    "A picture ran into its time limit and was given up; `failures retry` gives it another full try.",
  ],
  "tool/crashed": ["transient", "A picture tool died from a signal."],
  "tool/out-of-memory": ["transient", "A picture tool ran into the memory limit."],
  "tool/missing": ["outage", "A picture tool is not installed; `doctor` says which."],
  "scratch/full": ["outage", "There is no room for temporary files."],
  "store/missing": ["permanent", "The object or bucket does not exist."],
  "store/denied": ["permanent", "The store refused access."],
  "store/precondition-failed": ["transient", "The object is not the version that was asked for."],
  "store/range-not-satisfiable": ["permanent", "The range lies outside the object."],
  "store/bad-key": ["permanent", "The key cannot name an object of this store."],
  "store/too-large": ["permanent", "The object is larger than the caller's limit."],
  "store/read-only": ["outage", "Outputs cannot be written where they belong; nothing is rendered until they can be."],
  "store/full": ["outage", "The store has no room left."],
  "store/failed": ["transient", "The store answered with an error that may pass."],
  "store/unreachable": ["outage", "The store cannot be reached."],
  "log/unreachable": ["outage", "The event log cannot be reached."],
  "log/undecodable": ["permanent", "The bytes are not a record that this version can read."],
  "log/unencodable": ["permanent", "The fact holds a value that its schema cannot hold."],
  "log/too-large": ["permanent", "The record is larger than the log takes."],
  "log/lost-ownership": ["transient", "Another member owns this partition now."],
  "log/refused": ["permanent", "The event log refused the request."],
  "registry/unreachable": ["outage", "The schema registry cannot be reached."],
  "registry/incompatible": ["permanent", "The schema registry holds an incompatible schema."],
  "registry/refused": ["permanent", "The schema registry refused the request, or what answers is none."],
  "table/unreachable": ["outage", "The table cannot be reached."],
  "table/conflict": ["transient", "Another writer changed the table at the same time."],
  "table/refused": ["permanent", "The table refused the statement."],
  "state/owned": ["permanent", "Another process owns this state."],
  "state/unsafe": ["permanent", "The state directory is not on a disk that can keep it safely."],
  "state/missing": ["permanent", "There is no state in this directory yet; `run` makes it."],
  "state/newer": ["permanent", "A newer version of this program wrote the state."],
  "state/unusable": ["permanent", "The state cannot be opened: its directory or database cannot be read or written."],
  "notify/unreachable": ["outage", "The receiver of notifications cannot be reached."],
  "notify/refused": ["permanent", "The receiver of notifications refused the message."],
  "config/invalid": ["permanent", "A setting or the settings file is not valid."],
  stopped: ["transient", "The process is stopping; the element stays unacknowledged and comes again."],
} as const satisfies Record<string, readonly [FailureKind, string]>

export type FailureKind = "permanent" | "transient" | "outage"

export type FailureCode = keyof typeof FAILURES

/** A failure of the world, as data. */
export type Failure = {
  readonly code: FailureCode
  readonly kind: FailureKind
  /** What happened, to what, and what the operator can do. Never a credential, never a local path of scratch files. */
  readonly says: string
}

/** Whether it is about one record that a log cannot write; any other failure of appending meets all records alike. */
export const isAboutOneRecord = ({ code }: Failure): boolean => code === "log/unencodable" || code === "log/too-large"

/** A failure of the catalogue's kind; `kind` differs only where the place knows better (a second time-out is permanent). */
export const failure = (code: FailureCode, says: string, kind: FailureKind = FAILURES[code][0]): Failure => ({
  code,
  kind,
  says,
})
