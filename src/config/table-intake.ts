import { DIALECTS, type Dialect } from "../element/source.ts"
import { isAddressRange } from "./address-ranges.ts"
import { choice, int, list, path, type Setting, size, text, toggle } from "./setting.ts"

/** One Kafka topic that tells of new objects; `dialect` null: the one of OIIO_INTAKE_DIALECT. */
export type IntakeTopic = { readonly topic: string; readonly dialect: Dialect | null }

/** What brokers take as the name of a topic. */
const TOPIC = /^[\w.-]{1,249}$/

function intakeTopicOf(raw: unknown): IntakeTopic | undefined {
  const [topic = "", spelled, ...rest] = typeof raw === "string" ? raw.trim().split(":") : []
  const dialect = DIALECTS.find((known) => known === spelled) ?? null
  const isFine = TOPIC.test(topic) && rest.length === 0 && (spelled === undefined || dialect !== null)
  return isFine ? Object.freeze({ topic, dialect }) : undefined
}

function topicsOf(raw: unknown): readonly IntakeTopic[] | undefined {
  const given: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : [raw]
  const topics = given.map(intakeTopicOf)
  return topics.every((topic) => topic !== undefined) ? Object.freeze(topics) : undefined
}

/** A list of topics, each with a dialect of its own or without. */
export const intakeTopics = (
  declared: Pick<Setting<readonly IntakeTopic[]>, "group" | "says" | "env" | "default">,
): Setting<readonly IntakeTopic[]> => ({
  ...declared,
  inFile: true,
  secret: false,
  allowed: `topics with commas between them, each alone or with :dialect (${DIALECTS.join(", ")})`,
  placeholder: "topics",
  parse: topicsOf,
  show: (topics) => topics.map(({ topic, dialect }) => (dialect === null ? topic : `${topic}:${dialect}`)).join(","),
})

/** How arrivals come in: `ingest` and `all`. */
export const INTAKE = {
  intakeTopics: intakeTopics({
    group: "intake",
    says: "Kafka topics that tell of new objects, or of what a farm has finished (farmRules), each with the dialect that it is spelled in where that is not OIIO_INTAKE_DIALECT.",
    env: "OIIO_INTAKE_TOPICS",
    default: Object.freeze<readonly IntakeTopic[]>([]),
  }),
  intakeDialect: choice({
    group: "intake",
    says: "Who writes the messages. Servers spell keys differently, and nothing in a message says how: a wrong dialect makes keys with spaces and signs into other keys.",
    env: "OIIO_INTAKE_DIALECT",
    default: "vast",
    choices: DIALECTS,
  }),
  intakeHttp: toggle({
    group: "intake",
    says: "Take CloudEvents and bucket notifications over HTTP, as a container of the VAST DataEngine does.",
    env: "OIIO_INTAKE_HTTP",
    default: true,
  }),
  intakePort: int({
    group: "intake",
    says: "Port of the HTTP intake; 0 takes a free one.",
    env: "OIIO_INTAKE_PORT",
    default: 8080,
    min: 0,
    max: 65_535,
    unit: "",
  }),
  intakeBodyBytes: size({
    group: "intake",
    says: "Largest body that the HTTP intake reads; what is larger is answered 413.",
    env: "OIIO_INTAKE_BODY",
    flag: "--intake-body",
    default: 2 ** 20,
    min: 2 ** 10,
    max: 2 ** 26,
  }),
  intakePrefixes: list({
    group: "intake",
    says: "Only keys that begin with one of these. Without it: all.",
    env: "OIIO_INTAKE_PREFIXES",
    allowed: "starts of keys with commas between them",
    placeholder: "prefixes",
  }),
  intakeSuffixes: list({
    group: "intake",
    says: "Only keys that end with one of these, in upper or lower case. Without it: every type that is rendered.",
    env: "OIIO_INTAKE_SUFFIXES",
    allowed: "ends of keys with commas between them, such as .exr,.dpx",
    placeholder: "suffixes",
  }),
  reconcileMinutes: int({
    group: "intake",
    says: "How often the buckets of S3_BUCKETS are listed for frames that no message told of, in minutes; 0 never. Notifications get lost on most servers.",
    env: "OIIO_RECONCILE_MINUTES",
    default: 60,
    min: 0,
    max: 10_080,
    unit: "minutes",
  }),
}

/** Shortest secret that is accepted; shorter ones can be guessed. */
const LEAST_SECRET_LENGTH = 16

const SECRETS = list({
  group: "intake",
  says: "Shared secrets of the HTTP intake, with commas between them: any of them counts, so that one can be replaced without a gap. Senders show one as OIIO_INTAKE_PROOF says.",
  env: "OIIO_INTAKE_SECRET",
  flag: null,
  secret: true,
  allowed: `texts of at least ${LEAST_SECRET_LENGTH} characters with commas between them`,
  placeholder: "secrets",
})

const ADDRESSES = list({
  group: "intake",
  says: "Addresses that may send to the HTTP intake. Behind a proxy they are the proxy's: X-Forwarded-For is not believed.",
  env: "OIIO_INTAKE_ALLOW",
  allowed: "addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32 with commas between them",
  placeholder: "ranges",
})

/** Accepts only lists of which every text is right. */
const eachOf = (setting: typeof SECRETS, isRight: (text: string) => boolean): typeof SECRETS => ({
  ...setting,
  parse: (raw) => {
    const texts = setting.parse(raw)
    return texts?.every(isRight) === true ? texts : undefined
  },
})

const WHOM = ["none", "kafka", "http", "all"] as const

/** Who may send to the HTTP intake, how much, and what intakes believe: docs/securing-the-intake.md. */
export const HTTP_INTAKE = {
  intakeHost: text<never>({
    group: "intake",
    says: "Address that the HTTP intake listens on. Any but a loopback address needs OIIO_INTAKE_SECRET, OIIO_INTAKE_ALLOW or OIIO_INTAKE_CLIENT_CA.",
    env: "OIIO_INTAKE_HOST",
    default: "127.0.0.1",
    allowed: "an address of this machine",
    placeholder: "address",
  }),
  intakeSecret: eachOf(SECRETS, (secret) => secret.length >= LEAST_SECRET_LENGTH),
  intakeProof: choice({
    group: "intake",
    says: "How a sender shows that it knows OIIO_INTAKE_SECRET: as a bearer token, or by a signature over time and body (Standard Webhooks), which a listener cannot use again.",
    env: "OIIO_INTAKE_PROOF",
    default: "either",
    choices: ["bearer", "signature", "either"],
  }),
  intakeAllow: eachOf(ADDRESSES, isAddressRange),
  intakeCert: path<null>({
    group: "intake",
    says: "Certificate of the HTTP intake (PEM); turns TLS on.",
    env: "OIIO_INTAKE_CERT",
    default: null,
  }),
  intakeKey: path<null>({
    group: "intake",
    says: "The key of OIIO_INTAKE_CERT (PEM).",
    env: "OIIO_INTAKE_KEY",
    default: null,
  }),
  intakeClientCa: path<null>({
    group: "intake",
    says: "Authorities that the certificates of senders are signed by (PEM): a sender without one does not get in. Needs OIIO_INTAKE_CERT.",
    env: "OIIO_INTAKE_CLIENT_CA",
    default: null,
  }),
  intakeTrustIds: choice({
    group: "intake",
    says: "Intakes whose asset, job, project and shot ids are believed. Elsewhere they are left out: whoever sets them completes somebody's job.",
    env: "OIIO_INTAKE_TRUST_IDS",
    default: "kafka",
    choices: WHOM,
  }),
  intakeTrustForce: choice({
    group: "intake",
    says: "Intakes whose ObjectCreated:Copy asks for a new render, as SpaceHarbor's Regenerate does. Elsewhere it is an arrival like any other, which renders nothing that is current.",
    env: "OIIO_INTAKE_TRUST_FORCE",
    default: "kafka",
    choices: WHOM,
  }),
  intakeRecords: int({
    group: "intake",
    says: "Most records in one body of the HTTP intake.",
    env: "OIIO_INTAKE_RECORDS",
    default: 1_000,
    min: 1,
    max: 100_000,
    unit: "records",
  }),
  intakeRate: int({
    group: "intake",
    says: "Records a minute that one address may bring over HTTP; a minute's worth may come at once. What is more is answered 429.",
    env: "OIIO_INTAKE_RATE",
    default: 60_000,
    min: 1,
    max: 100_000_000,
    unit: "records a minute",
  }),
  intakeConnections: int({
    group: "intake",
    says: "Connections of the HTTP intake at once. One beyond them takes the place of the longest idle one.",
    env: "OIIO_INTAKE_CONNECTIONS",
    default: 512,
    min: 1,
    max: 65_535,
    unit: "connections",
  }),
  intakeConnectionsPerAddress: int({
    group: "intake",
    says: "Connections of the HTTP intake at once from one address.",
    env: "OIIO_INTAKE_CONNECTIONS_PER_ADDRESS",
    default: 128,
    min: 1,
    max: 65_535,
    unit: "connections",
  }),
  leastThroughputBytes: size({
    group: "work",
    says: "Least throughput of a body, bytes a second, over half a minute from the store and over ten seconds at the HTTP intake: what sends less is given up, so that nothing holds a place for ever. 0 for none.",
    env: "OIIO_LEAST_THROUGHPUT",
    default: 2 ** 10,
    min: 0,
    max: 2 ** 30,
  }),
}
