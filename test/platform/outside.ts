import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
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

const BINARIES = fileURLToPath(new URL("../../vendor/imageio_ffmpeg/binaries/", import.meta.url))

/** The pinned decoder of proxies. */
function vendoredFfmpeg(): string {
  const name = readdirSync(BINARIES).find((found) => found.startsWith("ffmpeg-"))
  if (name === undefined) throw new Error(`${BINARIES} holds no ffmpeg: run scripts/setup.`)
  return `${BINARIES}${name}`
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
  const said = await python(new URL("./outside.py", import.meta.url).pathname, JSON.stringify(plan), packages)
  return JSON.parse(said) as Outside
}

const python = (script: string, input: string, packages: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn("python3", [script], { env: { ...process.env, PYTHONPATH: packages } })
    const text = { stdout: "", stderr: "" }
    child.stdout.on("data", (chunk: Buffer) => {
      text.stdout += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      text.stderr += chunk.toString()
    })
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === 0) resolve(text.stdout)
      else reject(new Error(`${script} ended with ${code}: ${text.stderr}`))
    })
    child.stdin.end(input)
  })
