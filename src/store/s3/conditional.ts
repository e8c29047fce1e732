import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ObjectHead, ObjectRef, PutOptions } from "../index.ts"
import { attemptsOf, codeOf, statusOf } from "./failure.ts"
import { headObject } from "./head.ts"
import { whatOf } from "./keys.ts"
import type { Session } from "./session.ts"

type Conditional = { readonly ref: ObjectRef; readonly sizeBytes: number; readonly options: PutOptions }

/** AWS answers so when a conditional write meets another one that is not decided yet. */
export const isConflict = (error: unknown): boolean => codeOf(error) === "ConditionalRequestConflict"

const PRECONDITION_FAILED = 412

/**
 * What a refused PUT means; throws what is no refusal of its condition. Where the SDK had to ask twice, the first answer
 * may have been lost after the store had done it: then the object is the one that we were to put.
 */
export async function refused(session: Session, put: Conditional, error: unknown): Promise<Result<ObjectHead>> {
  const { ref, options } = put
  if (options.ifMatch !== undefined && codeOf(error) === "NoSuchKey")
    return failed(failure("store/precondition-failed", `${whatOf(ref)} is not the version asked for: it is gone.`))
  if (statusOf(error) !== PRECONDITION_FAILED || attemptsOf(error) === 1) throw error
  const found = await headObject(session, ref)
  if (found.ok && isOurs(found.value, put)) return done(found.value)
  throw error
}

const isOurs = (head: ObjectHead, { sizeBytes, options }: Conditional): boolean =>
  head.sizeBytes === sizeBytes &&
  head.contentType === options.contentType &&
  Object.keys(options.metadata).length > 0 &&
  Object.keys(head.metadata).length === Object.keys(options.metadata).length &&
  Object.entries(options.metadata).every(([name, value]) => head.metadata[name] === value)
