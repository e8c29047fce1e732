import { DeleteObjectCommand } from "@aws-sdk/client-s3"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { isDerivedEtag, type ObjectRef } from "../index.ts"
import { statusOf } from "./failure.ts"
import { headObject } from "./head.ts"
import { whatOf } from "./keys.ts"
import { asked, attemptS3, type Session } from "./session.ts"
import { condition } from "./version.ts"

/** A store that knows no condition on DELETE says so by one of these: asked again without, after HEAD has agreed. */
const NO_CONDITIONS = [400, 405, 501]

/**
 * Deletes the object while it is this version. HEAD is asked first, since not every store looks at the condition of a
 * DELETE: there the last word has whoever writes between the two.
 */
export async function deleteObject(session: Session, ref: ObjectRef, ifMatch: string): Promise<Result<void>> {
  const head = await headObject(session, ref)
  if (!head.ok) return head.failure.code === "store/missing" ? done(undefined) : head
  if (head.value.etag !== ifMatch) return changed(ref)
  return attemptS3(session, asked(ref), async () => {
    const target = { Bucket: ref.bucket, Key: ref.key }
    // An etag that the store does not state is no condition that it could look at.
    const held = isDerivedEtag(ifMatch) ? {} : { IfMatch: condition(ifMatch) }
    try {
      await session.client.send(new DeleteObjectCommand({ ...target, ...held }))
    } catch (error) {
      const status = statusOf(error)
      if (status === 404) return done(undefined)
      if (status === 412) return changed(ref)
      if (status === null || !NO_CONDITIONS.includes(status)) throw error
      await session.client.send(new DeleteObjectCommand(target))
    }
    return done(undefined)
  })
}

const changed = (ref: ObjectRef) =>
  failed(failure("store/precondition-failed", `${whatOf(ref)} is not the version asked for.`))
