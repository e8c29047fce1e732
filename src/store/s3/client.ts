import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3"
import type { S3Timeouts } from "./timeouts.ts"

export type S3Connection = {
  /** Address of the server; null: AWS, or what AWS_ENDPOINT_URL and the profile name. */
  readonly endpoint: string | null
  /** PEM text of the authorities that may have signed the server's certificate; without it those that Node knows. */
  readonly ca?: string
  /** null: what AWS_REGION or the profile names, else us-east-1. */
  readonly region: string | null
  /** null: the chain that AWS users know: environment, profile, single sign-on, web identity, container, instance. */
  readonly credentials: { readonly accessKey: string; readonly secretKey: string } | null
  /** Bucket in the path rather than in the host name: what servers other than AWS want. */
  readonly forcePathStyle: boolean
  readonly timeouts: S3Timeouts
}

/** The server in sentences, without anything secret. */
export const serverOf = ({ endpoint }: Pick<S3Connection, "endpoint">): string =>
  `the S3 store${endpoint === null ? "" : ` at ${URL.parse(endpoint)?.host ?? "S3_ENDPOINT"}`}`

const DEFAULT_REGION = "us-east-1"
const MOST_ATTEMPTS = 3

/** versitygw refuses signed chunks of less than 8 KB. */
const CHUNK_BYTES = 65_536

export async function openClient(connection: S3Connection): Promise<S3Client> {
  const config = configOf(connection)
  if (config.region !== undefined) return new S3Client(config)
  const client = new S3Client(config)
  if (await namesRegion(client)) return client
  client.destroy()
  return new S3Client({ ...config, region: DEFAULT_REGION })
}

function configOf({ endpoint, ca, region, credentials, forcePathStyle, timeouts }: S3Connection): S3ClientConfig {
  return {
    forcePathStyle,
    ...(endpoint === null ? {} : { endpoint }),
    ...(region === null ? {} : { region }),
    ...(credentials === null
      ? {}
      : { credentials: { accessKeyId: credentials.accessKey, secretAccessKey: credentials.secretKey } }),
    maxAttempts: MOST_ATTEMPTS,
    followRegionRedirects: true,
    requestStreamBufferSize: CHUNK_BYTES,
    requestHandler: {
      connectionTimeout: timeouts.connectMs,
      socketTimeout: timeouts.idleMs,
      ...(ca === undefined ? {} : { httpsAgent: { ca } }),
    },
  }
}

/** Whether the environment or the profile name a region; without one the SDK refuses every request. */
async function namesRegion(client: S3Client): Promise<boolean> {
  try {
    return (await client.config.region()) !== ""
  } catch {
    return false
  }
}
