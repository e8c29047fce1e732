import { randomBytes } from "node:crypto"
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freshBucket } from "./fresh.ts"
import { type Addresses, type Services, startServices } from "./index.ts"
import { quietKafka } from "./kafka-admin.ts"
import { readValues } from "./kafka-traffic.ts"
import { s3Client } from "./s3.ts"
import { sharedServices } from "./shared.ts"

type Notification = {
  readonly Records: readonly {
    readonly eventName: string
    readonly s3: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } }
  }[]
}

/** The first notification about a bucket: the topic is everybody's. */
const notificationOf = async (broker: string, topic: string, bucket: string): Promise<Notification> => {
  const isWanted = (value: string): boolean => value.includes(`"${bucket}"`)
  const [value = "{}"] = await readValues(quietKafka(broker), topic, 1, isWanted)
  return JSON.parse(value) as Notification
}

const bodyOf = async (client: S3Client, Bucket: string, Key: string): Promise<Uint8Array | undefined> =>
  (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToByteArray()

describe("S3, shared by the test run", () => {
  let services: Pick<Addresses, "s3" | "kafka">
  let client: S3Client

  beforeAll(async () => {
    services = await sharedServices("s3", "kafka")
    client = s3Client(services.s3)
  })
  afterAll(() => client.destroy())

  it("tells on Kafka that an object was put", async () => {
    const Bucket = await freshBucket(services.s3, "notified")
    const Key = "show/sh 010/beauty.0001.exr"
    await client.send(new PutObjectCommand({ Bucket, Key, Body: "frame" }))
    const topic = services.s3.notificationTopic ?? ""
    const { Records } = await notificationOf(services.kafka.broker, topic, Bucket)
    expect(Records).toHaveLength(1)
    expect(Records[0]).toMatchObject({ s3: { bucket: { name: Bucket }, object: { key: Key } } })
    expect(Records[0]?.eventName).toMatch(/^s3:ObjectCreated:Put$/)
  })

  it("gives back a large object that came in parts", async () => {
    const Bucket = await freshBucket(services.s3, "parts")
    const Body = randomBytes(12 * 1024 * 1024)
    await new Upload({ client, params: { Bucket, Key: "large.exr", Body } }).done()
    const read = await bodyOf(client, Bucket, "large.exr")
    expect(Buffer.compare(Buffer.from(read ?? []), Body)).toBe(0)
  })

  it("keeps content type and metadata, and lets one of two conditional writers win", async () => {
    const Bucket = await freshBucket(services.s3, "claims")
    const claim = (who: string) =>
      client.send(
        new PutObjectCommand({
          Bucket,
          Key: "a.jpg",
          Body: who,
          ContentType: "image/jpeg",
          Metadata: { who },
          IfNoneMatch: "*",
        }),
      )
    await claim("first")
    await expect(claim("second")).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } })
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a.jpg" }))
    expect(head).toMatchObject({ ContentType: "image/jpeg", Metadata: { who: "first" } })
  })

  it("refuses other credentials", async () => {
    const stranger = s3Client({ ...services.s3, secretKey: "wrong" })
    const Bucket = await freshBucket(services.s3, "closed")
    const asked = stranger.send(new PutObjectCommand({ Bucket, Key: "x", Body: "x" }))
    await expect(asked).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } })
    stranger.destroy()
  })
})

describe("An S3 that is killed", () => {
  let services: Services<{ s3: true }>

  beforeAll(async () => {
    services = await startServices({ s3: true })
    return services.close
  })

  it("runs without Kafka, and keeps acknowledged objects and its credentials", async () => {
    const { s3 } = services
    expect(s3.address.notificationTopic).toBeNull()
    const client = s3Client(s3.address)
    const Bucket = await freshBucket(s3.address, "kept")
    await client.send(new PutObjectCommand({ Bucket, Key: "a/b.exr", Body: "kept", Metadata: { from: "before" } }))
    await s3.kill("SIGKILL")
    await s3.restart()
    expect(Buffer.from((await bodyOf(client, Bucket, "a/b.exr")) ?? []).toString()).toBe("kept")
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a/b.exr" }))
    expect(head.Metadata).toEqual({ from: "before" })
    client.destroy()
  })
})

describe("An S3 whose Kafka was away", () => {
  let services: Services<{ kafka: true; s3: true }>

  beforeAll(async () => {
    services = await startServices({ kafka: true, s3: true })
    return services.close
  })

  it("takes objects meanwhile, and tells of new ones once Kafka is back", async () => {
    const { kafka, s3 } = services
    const client = s3Client(s3.address)
    const Bucket = await freshBucket(s3.address, "outage")
    await kafka.kill("SIGKILL")
    await client.send(new PutObjectCommand({ Bucket, Key: "meanwhile.exr", Body: "x" }))
    await kafka.restart()
    await client.send(new PutObjectCommand({ Bucket, Key: "later.exr", Body: "x" }))
    const isLater = (value: string): boolean => value.includes('"later.exr"')
    const broker = quietKafka(kafka.address.broker)
    expect(await readValues(broker, s3.address.notificationTopic ?? "", 1, isLater)).toHaveLength(1)
    client.destroy()
  })
})
