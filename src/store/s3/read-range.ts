import { GetObjectCommand } from "@aws-sdk/client-s3"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import type { ObjectRef, RangeOptions } from "../index.ts"
import { bodyOf, keepPace, type PaceKeeper } from "./body.ts"
import { isStill } from "./head.ts"
import { whatOf } from "./keys.ts"
import { asked, attemptS3, type Session, stopped } from "./session.ts"
import { getCondition } from "./version.ts"

const PARTIAL_CONTENT = 206

export async function readRange(session: Session, ref: ObjectRef, range: RangeOptions): Promise<Result<Uint8Array>> {
  const { start, end, signal } = range
  if (signal?.aborted) return stopped(ref)
  if (!(Number.isSafeInteger(start) && start >= 0 && end > start)) return outOfRange(ref)
  return attemptS3(session, asked(ref, signal), () => read(session, ref, range))
}

const outOfRange = (ref: ObjectRef) =>
  failed(failure("store/range-not-satisfiable", `${whatOf(ref)} has no bytes in the range asked for.`))

const changed = (ref: ObjectRef) =>
  failed(failure("store/precondition-failed", `${whatOf(ref)} is not the version asked for, or was changed meanwhile.`))

async function read(session: Session, ref: ObjectRef, range: RangeOptions): Promise<Result<Uint8Array>> {
  const { start, end, ifMatch, signal } = range
  const question = new GetObjectCommand({
    Bucket: ref.bucket,
    Key: ref.key,
    Range: `bytes=${start}-${end - 1}`,
    ...(ifMatch === undefined ? {} : getCondition(ifMatch)),
  })
  const pace = keepPace(session, signal)
  const got = await session.client.send(question, { abortSignal: pace.signal })
  // A server may ignore the range, and answers with the whole object then.
  const skip = got.$metadata.httpStatusCode === PARTIAL_CONTENT ? 0 : start
  const bytes = (await collect(pace.chunks(bodyOf(got.Body)), skip + (end - start))).subarray(skip)
  const still = ifMatch === undefined ? done(true) : await isStill(session, ref, ifMatch)
  if (!still.ok) return still
  if (!still.value) return changed(ref)
  return bytes.length === 0 ? outOfRange(ref) : done(bytes)
}

/** The first `most` bytes. A body that holds no more is read to its end: one that is broken off takes its connection along. */
async function collect(body: ReturnType<PaceKeeper["chunks"]>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > most) break
  }
  return Buffer.concat(chunks).subarray(0, most)
}
