import { isAddressRange } from "./address-ranges.ts"
import { choice, int, list, path, size, text } from "./setting.ts"

/** Shorter secrets are guessed. */
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
