import { vendoredFfmpeg } from "../machine/ffmpeg.ts"
import { python } from "../machine/python.ts"
import type { Addresses } from "../services/index.ts"
import { installOutsideClients } from "../services/install/python-clients.ts"
import type { Deployment } from "./deployment.ts"

/** What outside.py found. */
export type Outside = {
  /** Sources in the bucket. */
  readonly live: number
  /** Rows of proxy_outputs_current. */
  readonly rows: number
  /** Records of proxy-made, repeats included. */
  readonly facts: number
  /** Outputs in the bucket that no current row names. */
  readonly orphans: number
  /** Whole sentences; none when all is as the contract says. */
  readonly problems: readonly string[]
}

export type OutsideInput = {
  readonly servers: Addresses
  readonly deployment: Deployment
  /** Keys of the sources that must be there, and no others. */
  readonly live: readonly string[]
}

/** Looks at store, tables and topics with boto3, trino and confluent-kafka: nothing of ours says whether we are right. */
export async function lookFromOutside({ servers, deployment, live }: OutsideInput): Promise<Outside> {
  const { env, bucket, tables } = deployment
  const plan = {
    s3: servers.s3,
    bucket,
    tables,
    live,
    ffmpeg: vendoredFfmpeg(),
    trino: servers.trino.url,
    kafka: servers.kafka.broker,
    registry: servers.registry.url,
    prefix: env.KAFKA_TOPIC_PREFIX,
    topic: env.KAFKA_TOPIC,
    completionTopic: env.KAFKA_COMPLETION_TOPIC,
  }
  const packages = await installOutsideClients()
  const script = new URL("./outside.py", import.meta.url).pathname
  const said = await python({ script, stdin: JSON.stringify(plan), packages })
  return JSON.parse(said) as Outside
}
