import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from "@aws-sdk/client-s3"
import type { Command } from "./child.ts"
import { installS3 } from "./install/s3.ts"
import { ensureTopic } from "./kafka-admin.ts"
import { keep, keepPorts, randomSecret } from "./keep.ts"
import { runServer, type Service } from "./server.ts"

/** Topic that this server's notifications go to; they are versitygw's, global for all its buckets. */
export const NOTIFICATION_TOPIC = "s3-events"

export type S3Address = {
  readonly endpoint: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
  /** Where its notifications arrive; null without a Kafka beside it. */
  readonly notificationTopic: string | null
}

type Identity = { readonly accessKey: string; readonly secretKey: string }

/** As `s3:TestEvent` arrives at each start in any case, readers must pass over what they do not know. */
const EVENTS = { "s3:ObjectCreated:*": true, "s3:ObjectRemoved:*": true }

/** A client as versitygw needs it: path-style, and in chunks of at least 8 KB. */
export const s3Client = (address: S3Address): S3Client =>
  new S3Client({
    endpoint: address.endpoint,
    region: address.region,
    credentials: { accessKeyId: address.accessKey, secretAccessKey: address.secretKey },
    forcePathStyle: true,
    requestStreamBufferSize: 65_536,
    maxAttempts: 1,
  })

/** No other server knows this run's key. */
const probe = async (address: S3Address): Promise<void> => {
  const client = s3Client(address)
  const Bucket = `probe-${randomSecret(8)}`
  try {
    await client.send(new CreateBucketCommand({ Bucket }))
    await client.send(new DeleteBucketCommand({ Bucket }))
  } finally {
    client.destroy()
  }
}

const prepare = async (folder: string): Promise<void> => {
  await mkdir(join(folder, "data"), { recursive: true })
  await writeFile(join(folder, "events.json"), JSON.stringify(EVENTS))
}

type Plan = {
  readonly folder: string
  readonly port: number
  readonly identity: Identity
  readonly broker: string | null
  readonly keepsAlive: boolean
}

const command = async ({ folder, port, identity, broker, keepsAlive }: Plan): Promise<Command> => {
  const notify = ["--event-filter", join(folder, "events.json"), "--event-kafka-topic", NOTIFICATION_TOPIC]
  return {
    file: join(await installS3(), "versitygw"),
    args: [
      ...["--quiet", "--port", `127.0.0.1:${port}`, "--health", "/health"],
      ...(keepsAlive ? ["--keep-alive"] : []),
      ...(broker === null ? [] : [...notify, "--event-kafka-url", broker]),
      // Without --sidecar, attributes are the file's own: beside it they outlive an overwrite and are not replaced with it.
      ...["posix", join(folder, "data")],
    ],
    cwd: folder,
    env: { ROOT_ACCESS_KEY: identity.accessKey, ROOT_SECRET_KEY: identity.secretKey },
  }
}

/**
 * versitygw over a folder; with a broker it tells every creation and removal there (and does not start while the broker is away).
 * `keepsAlive`: one connection for many requests, as AWS, VAST and MinIO have it, and versitygw only where it is told to.
 */
export const startS3 = async (
  folder: string,
  broker: string | null,
  keepsAlive = false,
): Promise<Service<S3Address>> => {
  await prepare(folder)
  const newIdentity = (): Identity => ({ accessKey: randomSecret(10), secretKey: randomSecret() })
  const identity = await keep(join(folder, "identity.json"), newIdentity)
  const { http: port } = await keepPorts(folder, ["http"])
  if (broker !== null) await ensureTopic(broker, NOTIFICATION_TOPIC)
  const address: S3Address = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    ...identity,
    notificationTopic: broker === null ? null : NOTIFICATION_TOPIC,
  }
  return runServer({
    name: "s3",
    address,
    logPath: join(folder, "s3.log"),
    command: await command({ folder, port, identity, broker, keepsAlive }),
    probe: () => probe(address),
  })
}
