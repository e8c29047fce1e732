import { DeleteObjectCommand } from "@aws-sdk/client-s3"
import { expect, it } from "vitest"
import { freshBucket } from "../../test/services/fresh.ts"
import { s3Client } from "../../test/services/s3.ts"
import { sharedServices } from "../../test/services/shared.ts"
import { unwrap } from "../events/testing/results.ts"
import { openGate } from "../network/testing/tcp-gate.ts"
import { systemClock } from "../system/clock.ts"
import { objectStoreContract } from "./contract.ts"
import type { ObjectStore } from "./index.ts"
import { DEFAULT_TIMEOUTS } from "./s3/timeouts.ts"
import { openS3Store } from "./s3.ts"

const open = async () => {
  const { s3 } = await sharedServices("s3")
  const bucket = await freshBucket(s3, "contract")
  const client = s3Client(s3)
  const { hostname: host, port } = new URL(s3.endpoint)
  const gate = await openGate({ host, port: Number(port) })
  const openStore = async (): Promise<ObjectStore> =>
    unwrap(
      await openS3Store({
        endpoint: `http://127.0.0.1:${gate.port}`,
        region: s3.region,
        credentials: s3,
        forcePathStyle: true,
        timeouts: DEFAULT_TIMEOUTS,
        buckets: [bucket],
      }),
    )
  return {
    store: await openStore(),
    bucket,
    erase: async (Key: string) => void (await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))),
    reopen: openStore,
    breakDown: gate.breakDown,
    release: async () => {
      await gate.close()
      client.destroy()
    },
  }
}

objectStoreContract("S3 (versitygw)", open, {
  signs: "the server checks",
  badKeys: [
    "",
    "../up.exr",
    "a/../../up.exr",
    "./a.exr",
    "a/./b.exr",
    "a/..",
    "nul\0byte.exr",
    "lone \ud800 surrogate",
    "x".repeat(1025),
  ],
  heldKeys: [
    "/absolute.exr",
    "a//b.exr",
    "back\\slash.exr",
    "c:stream.exr",
    "CON",
    "trailing. ",
    `${`${"x".repeat(200)}/`.repeat(5)}a.exr`,
    `${"é".repeat(127)}/${"映".repeat(85)}`,
  ],
  etagOfSameBytes: "same",
  keeps: "for later runs",
  checkWritable: "remembers",
})

it("tells the store's time on a machine whose clock is an hour ahead", async () => {
  const { s3 } = await sharedServices("s3")
  const clock = { ...systemClock, nowMs: () => Date.now() + 3_600_000 }
  const connection = { endpoint: s3.endpoint, region: s3.region, credentials: s3, forcePathStyle: true }
  const store = unwrap(await openS3Store({ ...connection, timeouts: DEFAULT_TIMEOUTS, buckets: [], clock }))
  expect(Math.abs(store.nowMs() - Date.now())).toBeLessThanOrEqual(2_000)
  await store.close()
})
