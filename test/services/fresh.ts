import { CreateBucketCommand } from "@aws-sdk/client-s3"
import type { KafkaAddress } from "./kafka.ts"
import { ensureTopic } from "./kafka-admin.ts"
import { randomSecret } from "./keep.ts"
import { type S3Address, s3Client } from "./s3.ts"
import type { TrinoAddress } from "./trino.ts"
import { runSql } from "./trino-sql.ts"

/** A name that no other test has, and that says whose it is: lower case, digits and dashes, as buckets want it. */
export const freshName = (of: string): string => `${of.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${randomSecret(6)}`

/** A new topic. */
export const freshTopic = async (kafka: KafkaAddress, of: string, partitions = 1): Promise<string> => {
  const topic = freshName(of)
  await ensureTopic(kafka.broker, topic, partitions)
  return topic
}

/** A new, empty bucket. */
export const freshBucket = async (s3: S3Address, of: string): Promise<string> => {
  const Bucket = freshName(of)
  const client = s3Client(s3)
  await client.send(new CreateBucketCommand({ Bucket }))
  client.destroy()
  return Bucket
}

/** A new, empty schema of Trino, named as VAST DataBase names them: `bucket/schema`. */
export const freshSchema = async (trino: TrinoAddress, of: string): Promise<`${string}/${string}`> => {
  const schema = `${freshName(of)}/exr_metadata` as const
  await runSql(trino.url, `CREATE SCHEMA ${trino.catalog}."${schema}"`)
  return schema
}
