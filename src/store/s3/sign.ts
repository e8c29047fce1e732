/** Addresses of objects of an S3 for whoever has no credentials, by the official presigner. */

import { GetObjectCommand } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { done, type Result } from "../../events/result.ts"
import type { ObjectRef, SignedAddress, SignOptions } from "../index.ts"
import { attemptS3, type Session, targetOf } from "./session.ts"

export async function signObject(
  session: Session,
  ref: ObjectRef,
  { seconds }: SignOptions,
): Promise<Result<SignedAddress>> {
  const { client, nowMs } = session
  return attemptS3(session, targetOf(ref), async () => {
    const { expiration } = await client.config.credentials()
    // By the clock that the signature is checked by.
    const signedAtMs = nowMs()
    const command = new GetObjectCommand({ Bucket: ref.bucket, Key: ref.key })
    const url = await getSignedUrl(client, command, { expiresIn: seconds, signingDate: new Date(signedAtMs) })
    return done({ url, expiresAtMs: Math.min(signedAtMs + seconds * 1000, expiration?.getTime() ?? Infinity) })
  })
}
