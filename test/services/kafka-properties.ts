import { join } from "node:path"

export type KafkaPorts = { readonly broker: number; readonly controller: number; readonly secure: number }

type Plan = {
  readonly folder: string
  readonly ports: KafkaPorts
  readonly keystorePath: string
  readonly username: string
  readonly password: string
}

const listeners = (ports: KafkaPorts): Record<string, string> => ({
  "process.roles": "broker,controller",
  "node.id": "1",
  "controller.quorum.voters": `1@127.0.0.1:${ports.controller}`,
  "controller.listener.names": "CONTROLLER",
  "inter.broker.listener.name": "PLAINTEXT",
  listeners: [
    `PLAINTEXT://127.0.0.1:${ports.broker}`,
    `SECURE://127.0.0.1:${ports.secure}`,
    `CONTROLLER://127.0.0.1:${ports.controller}`,
  ].join(","),
  "advertised.listeners": `PLAINTEXT://127.0.0.1:${ports.broker},SECURE://127.0.0.1:${ports.secure}`,
  "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
})

const secureListener = ({ keystorePath, username, password }: Plan): Record<string, string> => ({
  "listener.name.secure.ssl.keystore.type": "PEM",
  "listener.name.secure.ssl.keystore.location": keystorePath,
  "listener.name.secure.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
  "listener.name.secure.plain.sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`,
  "listener.name.secure.scram-sha-256.sasl.jaas.config":
    "org.apache.kafka.common.security.scram.ScramLoginModule required;",
  "listener.name.secure.scram-sha-512.sasl.jaas.config":
    "org.apache.kafka.common.security.scram.ScramLoginModule required;",
})

/** One broker stands for a cluster, and a killed one is back in seconds. */
const SINGLE_NODE: Readonly<Record<string, string>> = {
  "auto.create.topics.enable": "false",
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "transaction.state.log.num.partitions": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "group.initial.rebalance.delay.ms": "0",
  // Else the controller waits for the old session of a killed broker to run out: 13 s instead of 4.
  "broker.session.timeout.ms": "2000",
  "broker.heartbeat.interval.ms": "200",
  // The smallest that Kafka takes; the default is 128 MB of heap.
  "log.cleaner.dedupe.buffer.size": "10485760",
}

/** The text of server.properties. */
export const brokerProperties = (plan: Plan): string => {
  const settings = {
    ...listeners(plan.ports),
    ...secureListener(plan),
    ...SINGLE_NODE,
    "log.dirs": join(plan.folder, "data"),
  }
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("")
}
