import { choice, httpAddress, int, path, text } from "./setting.ts"

/** `run --watch`. */
export const WATCH = {
  watchQuietSeconds: int({
    group: "watch",
    says: "How long a file's size and time must have been still before it is taken, in seconds.",
    env: "OIIO_WATCH_QUIET_SECONDS",
    default: 3,
    min: 1,
    max: 3600,
    unit: "seconds",
  }),
  watchPollSeconds: int({
    group: "watch",
    says: "How often the folder is listed, in seconds. Network mounts announce no changes, so listing is what finds them.",
    env: "OIIO_WATCH_POLL_SECONDS",
    default: 5,
    min: 1,
    max: 3600,
    unit: "seconds",
  }),
}

/** What is said, and where. */
export const OUTPUT = {
  logLevel: choice({
    group: "output",
    says: "Least severe log line that is written.",
    env: "OIIO_LOG_LEVEL",
    default: "info",
    choices: ["trace", "debug", "info", "warn", "error", "silent"],
  }),
  logFormat: choice({
    group: "output",
    says: "json is one object a line, text is for reading; auto is text on a terminal and json elsewhere.",
    env: "OIIO_LOG_FORMAT",
    default: "auto",
    choices: ["auto", "json", "text"],
  }),
  notifications: path<null>({
    group: "output",
    says: "File that proxy.generated and the completion events are appended to, one JSON object a line; - is standard output. Without it nobody is told.",
    env: "OIIO_NOTIFICATIONS",
    default: null,
    allowed: "a path, or - for standard output",
    isName: (value) => value === "-",
  }),
}

const stream = "Used by the stream deployment."

/** The stream deployment: names that version 2.0 used keep working. */
export const PLATFORM = {
  s3Endpoint: httpAddress({
    group: "platform",
    says: `Address of the S3 store, path-style. ${stream}`,
    env: "S3_ENDPOINT",
    default: null,
  }),
  s3AccessKey: text<null>({
    group: "platform",
    says: `Access key of the S3 store. ${stream}`,
    env: "S3_ACCESS_KEY",
    flag: null,
    secret: true,
    default: null,
    allowed: "an access key",
    placeholder: "key",
  }),
  s3SecretKey: text<null>({
    group: "platform",
    says: `Secret key of the S3 store. ${stream}`,
    env: "S3_SECRET_KEY",
    flag: null,
    secret: true,
    default: null,
    allowed: "a secret key",
    placeholder: "key",
  }),
  kafkaBroker: text<null>({
    group: "platform",
    says: `Kafka brokers to start from, host:port, several with commas between them. ${stream}`,
    env: "KAFKA_BROKER",
    default: null,
    allowed: "host:port, several with commas between them",
    placeholder: "host:port",
  }),
  kafkaTopic: text<never>({
    group: "platform",
    says: `Topic of proxy.generated. ${stream}`,
    env: "KAFKA_TOPIC",
    default: "spaceharbor.proxy",
    allowed: "the name of a topic",
    placeholder: "topic",
  }),
  kafkaCompletionTopic: text<never>({
    group: "platform",
    says: `Topic of the completion CloudEvents that SpaceHarbor consumes. ${stream}`,
    env: "KAFKA_COMPLETION_TOPIC",
    default: "spaceharbor.dataengine.completed",
    allowed: "the name of a topic",
    placeholder: "topic",
  }),
  vastDbEndpoint: httpAddress({
    group: "platform",
    says: `Address of the Trino coordinator before VAST DataBase. ${stream}`,
    env: "VAST_DB_ENDPOINT",
    default: null,
  }),
  vastDbAccessKey: text<null>({
    group: "platform",
    says: `Access key of VAST DataBase. Without it: S3_ACCESS_KEY. ${stream}`,
    env: "VAST_DB_ACCESS_KEY",
    flag: null,
    secret: true,
    default: null,
    allowed: "an access key",
    placeholder: "key",
  }),
  vastDbSecretKey: text<null>({
    group: "platform",
    says: `Secret key of VAST DataBase. Without it: S3_SECRET_KEY. ${stream}`,
    env: "VAST_DB_SECRET_KEY",
    flag: null,
    secret: true,
    default: null,
    allowed: "a secret key",
    placeholder: "key",
  }),
  vastDbBucket: text<null>({
    group: "platform",
    says: `Database-enabled bucket that holds the tables. ${stream}`,
    env: "VAST_DB_BUCKET",
    default: null,
    allowed: "the name of a bucket",
    placeholder: "bucket",
  }),
  vastDbSchema: text<never>({
    group: "platform",
    says: `Schema of the tables: the one that exr-inspector writes, or the join on file_id finds nothing. ${stream}`,
    env: "VAST_DB_SCHEMA",
    default: "exr_metadata",
    allowed: "the name of a schema",
    placeholder: "schema",
  }),
}
