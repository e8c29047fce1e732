import { failure } from "../events/failure.ts"
import { done, failed, type Result } from "../events/result.ts"
import type { Table } from "../table/index.ts"
import type { ElementRow } from "../table/rows.ts"
import { collect } from "./requeue.ts"

/** Which failures are meant: those that fit all that is said. */
export type Choice = {
  /** Keys, or s3://bucket/key; none: all of them. */
  readonly names: readonly string[]
  readonly prefix: string | null
  readonly code: string | null
  /** Only those of one bucket. */
  readonly bucket: string | undefined
}

/** Rows of failures that are meant. Dismissed ones only where they are named; a name that is of no failure is a failure. */
export async function chosenFailures(table: Table, choice: Choice): Promise<Result<readonly ElementRow[]>> {
  const { names, code, prefix, bucket } = choice
  const states = names.length === 0 ? (["failed"] as const) : (["failed", "dismissed"] as const)
  const all = await collect(table.elements({ states, ...(bucket === undefined ? {} : { bucket }) }))
  if (!all.ok) return all
  const unknown = names.find((name) => !all.value.some((row) => spellings(row).includes(name)))
  if (unknown !== undefined)
    return failed(failure("source/gone", `${unknown} is no frame that failed; \`failures list\` names them.`))
  return done(
    all.value.filter(
      (row) =>
        (names.length === 0 || spellings(row).some((name) => names.includes(name))) &&
        (prefix === null || spellings(row).some((name) => name.startsWith(prefix))) &&
        (code ?? row.failure_code) === row.failure_code,
    ),
  )
}

const spellings = ({ bucket, key }: ElementRow): readonly string[] => [key, `s3://${bucket}/${key}`]
