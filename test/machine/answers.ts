import { type CallInput, call as callWithDefaults, type Ended } from "../../src/cli/testing/call.ts"
import type { Fact, RecordByTopic } from "../../src/events/fact.ts"
import type { ProxyOutputRow } from "../../src/table/rows.ts"
import { SMALL_PROXIES } from "./frames.ts"

/** Runs a command line inside this process, with small proxies unless its environment says otherwise. */
export const call = (argv: readonly string[], input: CallInput = {}): Promise<Ended> =>
  callWithDefaults(argv, { ...input, env: { ...SMALL_PROXIES, ...input.env } })

/** What the command answers on stdout, one JSON object a line. */
export async function answers<T>(argv: readonly string[], input: CallInput = {}): Promise<readonly T[]> {
  const { code, stdout, stderr } = await call(argv, input)
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}`)
  return linesOf<T>(stdout)
}

export const linesOf = <T>(text: string): readonly T[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T)

/** Where a state lies: in the folder of frames, or elsewhere. */
export type Where = { readonly dir: string; readonly state?: string }

const at = ({ dir, state }: Where): readonly string[] => [
  "--dir",
  dir,
  ...(state === undefined ? [] : ["--state", state]),
]

export const rowsOf = (where: Where): Promise<readonly ProxyOutputRow[]> => answers(["outputs", "--json", ...at(where)])

/** Every version that ever had outputs, also of frames that were replaced or removed. */
export const historyOf = (where: Where): Promise<readonly ProxyOutputRow[]> =>
  answers(["outputs", "--all", "--json", ...at(where)])

export type Record = Fact & {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: string
}

export const recordsOf = (where: Where, ...topic: readonly string[]): Promise<readonly Record[]> =>
  answers(["events", ...topic, "--json", ...at(where)])

/** The facts of one topic, in the order of the log. */
export const factsOf = async <T extends keyof RecordByTopic>(
  where: Where,
  topic: T,
): Promise<readonly RecordByTopic[T][]> => (await recordsOf(where, topic)).map(({ value }) => value as RecordByTopic[T])

export type FailedFrame = {
  readonly bucket: string
  readonly key: string
  readonly stage: string
  readonly code: string
  readonly kind: string
  readonly says: string
  readonly attempts: number
}

export const failuresOf = (where: Where): Promise<readonly FailedFrame[]> =>
  answers(["failures", "list", "--json", ...at(where)])

export type Status = {
  readonly bucket: string
  readonly state: string
  readonly owner: { readonly pid: number; readonly command: string } | null
  readonly states: Readonly<{ queued: number; done: number; failed: number }>
  readonly lag: readonly { readonly group: string; readonly lag: number }[]
}

export async function statusOf(where: Where): Promise<Status> {
  const [status] = await answers<Status>(["status", "--json", ...at(where)])
  if (status === undefined) throw new Error("status said nothing")
  return status
}
