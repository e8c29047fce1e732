import { type IntakeTopic, intakeTopics } from "./intake-topics.ts"
import { choice, int, list, size, text, toggle } from "./setting.ts"

/** How arrivals come in: `ingest` and `all`. */
export const INTAKE = {
  intakeTopics: intakeTopics({
    group: "intake",
    says: "Kafka topics that tell of new objects, each with the dialect that it is spelled in where that is not OIIO_INTAKE_DIALECT.",
    env: "OIIO_INTAKE_TOPICS",
    default: Object.freeze<readonly IntakeTopic[]>([]),
  }),
  intakeDialect: choice({
    group: "intake",
    says: "Who writes the messages. Servers spell keys differently, and nothing in a message says how: a wrong dialect makes keys with spaces and signs into other keys.",
    env: "OIIO_INTAKE_DIALECT",
    default: "vast",
    choices: ["vast", "aws", "minio", "versitygw"],
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

/** Processes that run for ever: `worker`, `projector`, `ingest --serve`, `all`. */
export const SERVICE = {
  httpHost: text<never>({
    group: "service",
    says: "Address that /healthz, /readyz and /metrics listen on; the HTTP intake has OIIO_INTAKE_HOST.",
    env: "OIIO_HTTP_HOST",
    default: "0.0.0.0",
    allowed: "an address of this machine",
    placeholder: "address",
  }),
  httpPort: int({
    group: "service",
    says: "Port of /healthz, /readyz and /metrics; 0 takes a free one. Each process on a machine needs its own.",
    env: "OIIO_HTTP_PORT",
    default: 9464,
    min: 0,
    max: 65_535,
    unit: "",
  }),
  startRetrySeconds: int({
    group: "service",
    says: "How long a start waits for a server that cannot be reached, in seconds; 0 gives up at once, as a wrong setting always does.",
    env: "OIIO_START_RETRY_SECONDS",
    default: 60,
    min: 0,
    max: 86_400,
    unit: "seconds",
  }),
  standstillSeconds: int({
    group: "service",
    says: "How long a group of this process may have work while none of its offsets moves, none of its steps ends and no server is waited for, in seconds; then /healthz answers 503. At least three times OIIO_TIMEOUT counts, so that a slow render is progress; longer than the fetch of your largest source. 0 for ever.",
    env: "OIIO_STANDSTILL_SECONDS",
    default: 1_800,
    min: 0,
    max: 604_800,
    unit: "seconds",
  }),
  backfillRendersInFlight: int({
    group: "service",
    says: "Frames of a backfill rendered at the same time beside today's, which never wait for them; 0 leaves backfills to other workers.",
    env: "OIIO_BACKFILL_RENDERS_IN_FLIGHT",
    default: ({ cores }) => Math.max(1, Math.floor(cores / 4)),
    defaultSays: "a quarter of the cores, at least 1",
    min: 0,
    max: 1024,
    unit: "frames",
  }),
}
