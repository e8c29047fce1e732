import type { Addresses } from "./index.ts"

type Variables = Readonly<Record<string, string>>

const variables: { readonly [N in keyof Addresses]: (address: Addresses[N]) => Variables } = {
  kafka: ({ broker }) => ({ KAFKA_BROKER: broker }),
  registry: ({ url }) => ({ SCHEMA_REGISTRY_URL: url }),
  s3: ({ endpoint, accessKey, secretKey }) => ({
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: accessKey,
    S3_SECRET_KEY: secretKey,
  }),
  trino: ({ url }) => ({ VAST_DB_ENDPOINT: url, VAST_DB_BUCKET: "renders" }),
}

/** Lines for a shell to `source`: the settings that point this project at a server. */
export const exportLines = <N extends keyof Addresses>(name: N, address: Addresses[N]): readonly string[] =>
  Object.entries(variables[name](address)).map(([key, value]) => `export ${key}=${value}`)
