import { readFileSync } from "node:fs"
import type { Config } from "../config/index.ts"
import { done, failed, failure, type Result } from "../events/result.ts"
import type { KafkaAccess, Sasl, Tls } from "../kafka/index.ts"
import type { RegistryAccess } from "../log/kafka/registry.ts"
import type { S3Connection } from "../store/s3/client.ts"
import { DEFAULT_TIMEOUTS as S3_TIMEOUTS } from "../store/s3/timeouts.ts"
import { DEFAULT_TIMEOUTS as TRINO_TIMEOUTS } from "../table/trino/timeouts.ts"
import type { TrinoTableOptions } from "../table/trino.ts"

/** Adapters' options out of settings. All fail config/invalid, naming the variable. */

const wanting = (says: string): Result<never> => failed(failure("config/invalid", says))

/** Brokers, TLS and SASL. */
export function kafkaAccess(config: Config): Result<KafkaAccess> {
  if (config.kafkaBroker === null)
    return wanting("KAFKA_BROKER is not set: it says where the brokers are, host:port. `run DIR` works without.")
  if (config.kafkaBroker.includes("@"))
    return wanting("KAFKA_BROKER is host:port alone: user and password belong in KAFKA_USERNAME and KAFKA_PASSWORD.")
  const brokers = config.kafkaBroker.split(",").map((broker) => broker.trim())
  const wrong = brokers.find((broker) => !/^[^\s:]+:\d{1,5}$|^\[[\da-f:]+\]:\d{1,5}$/i.test(broker))
  if (wrong !== undefined) return wanting(`KAFKA_BROKER: ${JSON.stringify(wrong)} is not host:port.`)
  const tls = tlsOf(config)
  if (!tls.ok) return tls
  const sasl = saslOf(config)
  if (!sasl.ok) return sasl
  return done({
    brokers,
    ...(tls.value === null ? {} : { tls: tls.value }),
    ...(sasl.value === null ? {} : { sasl: sasl.value }),
  })
}

function tlsOf({ kafkaTls, kafkaCa, kafkaCert, kafkaKey }: Config): Result<Tls | null> {
  const isWanted = kafkaTls || kafkaCa !== null || kafkaCert !== null
  if ((kafkaCert === null) !== (kafkaKey === null)) return wanting("KAFKA_CERT and KAFKA_KEY belong together.")
  const tls = pems({ ca: [kafkaCa, "KAFKA_CA"], cert: [kafkaCert, "KAFKA_CERT"], key: [kafkaKey, "KAFKA_KEY"] })
  return tls.ok && !isWanted ? done(null) : tls
}

function saslOf({ kafkaUsername, kafkaPassword, kafkaSaslMechanism }: Config): Result<Sasl | null> {
  if (kafkaUsername === null && kafkaPassword === null) return done(null)
  if (kafkaUsername === null || kafkaPassword === null)
    return wanting("KAFKA_USERNAME and KAFKA_PASSWORD belong together.")
  return done({ mechanism: kafkaSaslMechanism, username: kafkaUsername, password: kafkaPassword })
}

/** Text of a file with certificates or a key. */
function pem(path: string | null, variable: string): Result<string | null> {
  if (path === null) return done(null)
  try {
    const text = readFileSync(path, "utf8")
    return text.includes("-----BEGIN ") ? done(text) : wanting(`${variable}: ${path} holds nothing in PEM.`)
  } catch (error) {
    if (error instanceof Error && "code" in error)
      return wanting(`${variable}: ${path} cannot be read (${error.code}).`)
    throw error
  }
}

type PemFile = readonly [path: string | null, setting: string]

/** Texts of several files, without those that no setting names. */
export function pems<N extends string>(files: Readonly<Record<N, PemFile>>): Result<{ readonly [K in N]?: string }> {
  const texts: { [K in string]?: string } = {}
  for (const [name, [path, setting]] of Object.entries<PemFile>(files)) {
    const text = pem(path, setting)
    if (!text.ok) return text
    if (text.value !== null) texts[name] = text.value
  }
  return done(texts as { readonly [K in N]?: string })
}

export function registryAccess(config: Config): Result<RegistryAccess> {
  const { schemaRegistryUrl: url, schemaRegistryUsername: username, schemaRegistryPassword: password } = config
  if (url === null) return wanting("SCHEMA_REGISTRY_URL is not set: it says where the schema registry is.")
  if ((username === null) !== (password === null))
    return wanting("SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD belong together.")
  const ca = pems({ ca: [config.schemaRegistryCa, "SCHEMA_REGISTRY_CA"] })
  if (!ca.ok) return ca
  const auth = username === null || password === null ? {} : { auth: { username, password } }
  return done({ url, ...ca.value, ...auth })
}

export function s3Connection(config: Config): Result<S3Connection> {
  const { s3AccessKey: accessKey, s3SecretKey: secretKey } = config
  if ((accessKey === null) !== (secretKey === null)) return wanting("S3_ACCESS_KEY and S3_SECRET_KEY belong together.")
  if (hasUser(config.s3Endpoint))
    return wanting("S3_ENDPOINT is an address alone: keys belong in S3_ACCESS_KEY and S3_SECRET_KEY.")
  const ca = pems({ ca: [config.s3Ca, "S3_CA"] })
  if (!ca.ok) return ca
  return done({
    endpoint: config.s3Endpoint,
    ...ca.value,
    region: config.s3Region,
    credentials: accessKey === null || secretKey === null ? null : { accessKey, secretKey },
    forcePathStyle: config.s3PathStyle,
    timeouts: { ...S3_TIMEOUTS, pace: { ...S3_TIMEOUTS.pace, leastBytesPerSecond: config.leastThroughputBytes } },
  })
}

/** Clients put an address into their errors as it is: a user name or password in it would be printed. */
const hasUser = (address: string | null): boolean => {
  const { username, password } = (address === null ? null : URL.parse(address)) ?? { username: "", password: "" }
  return username !== "" || password !== ""
}

const ANONYMOUS = "oiio-proxy-generator"

export function trinoOptions(config: Config): Result<TrinoTableOptions> {
  const { vastDbEndpoint: endpoint, vastDbBucket: bucket } = config
  if (endpoint === null) return wanting("VAST_DB_ENDPOINT is not set: it says where Trino is.")
  if (hasUser(endpoint))
    return wanting(
      "VAST_DB_ENDPOINT is an address alone: user and password belong in VAST_DB_USER and VAST_DB_SECRET_KEY.",
    )
  if (bucket === null) return wanting("VAST_DB_BUCKET is not set: it names the bucket that holds the tables.")
  const ca = pem(config.vastDbCa, "VAST_DB_CA")
  if (!ca.ok) return ca
  return done({
    endpoint,
    user: config.vastDbUser ?? config.vastDbAccessKey ?? config.s3AccessKey ?? ANONYMOUS,
    password: config.vastDbSecretKey ?? config.s3SecretKey,
    ca: ca.value,
    timeouts: TRINO_TIMEOUTS,
    catalog: config.vastDbCatalog,
    bucket,
    schema: config.vastDbSchema,
  })
}
