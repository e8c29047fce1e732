import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { certificateIn } from "./certificate.ts"
import { type Command, startChild } from "./child.ts"
import { findJava } from "./install/java.ts"
import { installKafka } from "./install/kafka.ts"
import { withAdmin } from "./kafka-admin.ts"
import { brokerProperties, type KafkaPorts } from "./kafka-properties.ts"
import { keep, keepPorts, randomSecret } from "./keep.ts"
import { runServer, type Service, tailOf } from "./server.ts"

/** The same broker, for clients that come with TLS and a password. */
export type SecureKafka = {
  /** host:port of the SASL_SSL listener. */
  readonly broker: string
  /** The authority to trust, PEM. */
  readonly ca: string
  readonly username: string
  readonly password: string
  /** All three take the one password. */
  readonly mechanisms: readonly ["plain", "scram-sha-256", "scram-sha-512"]
}

export type KafkaAddress = {
  /** host:port of the plaintext listener. */
  readonly broker: string
  readonly clusterId: string
  readonly secure: SecureKafka
}

type Identity = { readonly clusterId: string; readonly username: string; readonly password: string }

/** C1 and the serial collector: on two cores the servers of a test must not compete with what is tested. */
const JVM = [
  "-Xmx256m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-XX:-UsePerfData",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
]

const newIdentity = (): Identity => ({
  clusterId: randomBytes(16).toString("base64url"),
  username: "oiio",
  password: randomSecret(),
})

const javaCommand = async (folder: string, main: string, args: readonly string[]): Promise<Command> => {
  const [java, kafka] = await Promise.all([findJava(), installKafka()])
  const temporary = join(folder, "tmp")
  await mkdir(temporary, { recursive: true })
  return {
    file: join(java, "bin/java"),
    args: [...JVM, `-Djava.io.tmpdir=${temporary}`, "-cp", join(kafka, "lib/*"), main, ...args],
    cwd: folder,
  }
}

/** Writes the cluster id and the SCRAM users into a data folder that has none yet. */
const format = async (folder: string, identity: Identity, properties: string): Promise<void> => {
  if (existsSync(join(folder, "data/meta.properties"))) return
  const users = ["SCRAM-SHA-256", "SCRAM-SHA-512"].flatMap((mechanism) => [
    "--add-scram",
    `${mechanism}=[name=${identity.username},password=${identity.password}]`,
  ])
  // One word: a cluster id may begin with a dash.
  const args = ["format", `--cluster-id=${identity.clusterId}`, "-c", properties, ...users]
  const logPath = join(folder, "format.log")
  const how = await startChild(await javaCommand(folder, "kafka.tools.StorageTool", args), logPath).exited
  if (how !== "exit code 0") throw new Error(`Kafka cannot format ${folder} (${how}):\n${await tailOf(logPath)}`)
}

const probe = async (broker: string, clusterId: string): Promise<void> => {
  const cluster = await withAdmin(broker, (admin) => admin.describeCluster(), 0)
  if (cluster.clusterId !== clusterId) throw new Error(`the broker belongs to the cluster ${cluster.clusterId}`)
  if (cluster.controller === null || cluster.brokers.length === 0) throw new Error("the broker has no controller yet")
}

const addressOf = (identity: Identity, ports: KafkaPorts, ca: string): KafkaAddress => ({
  broker: `127.0.0.1:${ports.broker}`,
  clusterId: identity.clusterId,
  secure: {
    broker: `127.0.0.1:${ports.secure}`,
    ca,
    username: identity.username,
    password: identity.password,
    mechanisms: ["plain", "scram-sha-256", "scram-sha-512"],
  },
})

/** One Kafka broker (KRaft) with a plaintext and a SASL_SSL listener, its data in the folder. */
export const startKafka = async (folder: string): Promise<Service<KafkaAddress>> => {
  const identity = await keep(join(folder, "identity.json"), newIdentity)
  const ports = await keepPorts(folder, ["broker", "controller", "secure"])
  const certificate = await certificateIn(join(folder, "certificate"))
  const properties = join(folder, "server.properties")
  const { keystorePath } = certificate
  await writeFile(properties, brokerProperties({ folder, ports, keystorePath, ...identity }), { mode: 0o600 })
  await format(folder, identity, properties)
  const address = addressOf(identity, ports, certificate.ca)
  return runServer({
    name: "kafka",
    address,
    logPath: join(folder, "kafka.log"),
    command: await javaCommand(folder, "kafka.Kafka", [properties]),
    probe: () => probe(address.broker, identity.clusterId),
  })
}
