import { done, failed, type Result } from "../events/result.ts"
import { type Clock, systemClock } from "../system/clock.ts"
import { assertOutputKey, assertPutOptions, assertSignOptions, type ObjectRef, type ObjectStore } from "./index.ts"
import { checkAccess, openWriteAccess } from "./s3/access.ts"
import { openClient, type S3Connection, serverOf } from "./s3/client.ts"
import { listObjects } from "./s3/list.ts"
import { fetchObject, readRange } from "./s3/read.ts"
import type { Session } from "./s3/session.ts"
import { listenForTime, watchForGateway } from "./s3/session.ts"
import { signObject } from "./s3/sign.ts"
import { checkRef } from "./s3/spelling.ts"
import { headObject, tagsOf } from "./s3/version.ts"
import { deleteObject, putObject } from "./s3/write.ts"

export type S3StoreOptions = S3Connection & {
  /** Buckets that must be there and accessible at the start; none: only the server and the credentials are checked. */
  readonly buckets: readonly string[]
  readonly clock?: Clock
}

/**
 * Buckets of an S3: AWS, VAST, versitygw, MinIO. Fails within `timeouts.startMs`, naming the setting: store/unreachable
 * (S3_ENDPOINT), store/denied (the credentials), store/missing (a bucket), config/invalid.
 *
 * - The source version is the version id; in a bucket without versions ETag, LastModified and size.
 * - A refused connection, an unknown host and a server that asks to be left alone (429, 502 to 504) are outages once the
 *   SDK has tried three times; so are a 500 and a silence where the bucket itself does not answer either. Refused
 *   credentials are an outage too: they say nothing about the object.
 * - Metadata that HTTP cannot carry as it is goes as RFC 2047 encoded words, as AWS hands it out.
 * - Files over 8 MiB go in parts, conditions included. A repeat that finds its own object there has succeeded.
 */
export async function openS3Store(options: S3StoreOptions): Promise<Result<ObjectStore>> {
  const { clock = systemClock } = options
  const client = await openClient(options)
  let piecewise = false
  watchForGateway(client, () => {
    piecewise = true
  })
  const nowMs = listenForTime(client, clock)
  const { pace } = options.timeouts
  const server = serverOf(options)
  const session: Session = { client, server, clock, nowMs, pace, provenAtMs: new Map(), isPiecewise: () => piecewise }
  const refused = await checkAccess(session, options)
  if (refused === null) return done(storeOf(session))
  client.destroy()
  return failed(refused)
}

function storeOf(session: Session): ObjectStore {
  const writes = openWriteAccess(session.clock)
  const at = async <T>(ref: ObjectRef, work: (ref: ObjectRef) => Promise<Result<T>>): Promise<Result<T>> => {
    const checked = checkRef(ref)
    return checked.ok ? work(checked.value) : checked
  }
  return {
    head: (ref) => at(ref, (checked) => headObject(session, checked)),
    tags: (ref) => at(ref, (checked) => tagsOf(session, checked)),
    fetch: (ref, options) => at(ref, (checked) => fetchObject(session, checked, options)),
    readRange: (ref, range) => at(ref, (checked) => readRange(session, checked, range)),
    checkWritable: (ref) => at(ref, async (checked) => writes.check(checked)),
    put: async (ref, fromFile, options) => {
      assertPutOptions(options)
      return at(ref, async (checked) =>
        writes.learned(checked, await putObject(session, { ref: checked, fromFile, options })),
      )
    },
    sign: async (ref, options) => {
      assertSignOptions(options)
      return at(ref, (checked) => signObject(session, checked, options))
    },
    delete: async (ref, { ifMatch }) => {
      assertOutputKey(ref.key)
      return at(ref, (checked) => deleteObject(session, checked, ifMatch))
    },
    list: (bucket, { prefix = "", startAfter = "" } = {}) => listObjects(session, { bucket, prefix, startAfter }),
    nowMs: session.nowMs,
    close: async () => session.client.destroy(),
  }
}
