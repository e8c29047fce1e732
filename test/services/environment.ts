import type { Addresses } from "./index.ts"

type Variables = Readonly<Record<string, string>>

/** The bucket that is there from the start, for the S3 client and for the tables. */
export const BUCKET = "renders"

/** Several processes on one machine: each takes ports that are free. */
const PROCESSES: Variables = { OIIO_HTTP_PORT: "0", OIIO_INTAKE_PORT: "0" }

const variables: { readonly [N in keyof Addresses]: (address: Addresses[N]) => Variables } = {
  kafka: ({ broker }) => ({ KAFKA_BROKER: broker, ...PROCESSES }),
  registry: ({ url }) => ({ SCHEMA_REGISTRY_URL: url }),
  s3: ({ endpoint, accessKey, secretKey, notificationTopic }) => ({
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: accessKey,
    S3_SECRET_KEY: secretKey,
    S3_BUCKETS: BUCKET,
    ...(notificationTopic === null ? {} : { OIIO_INTAKE_TOPICS: `${notificationTopic}:versitygw` }),
  }),
  trino: ({ url }) => ({ VAST_DB_ENDPOINT: url, VAST_DB_BUCKET: BUCKET }),
}

/** Lines for a shell to `source`: the settings that point this project at a server. */
export const exportLines = <N extends keyof Addresses>(name: N, address: Addresses[N]): readonly string[] =>
  Object.entries(variables[name](address)).map(([key, value]) => `export ${key}=${value}`)
