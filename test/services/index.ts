import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { makeRunFolder } from "./folder.ts"
import { type KafkaAddress, startKafka } from "./kafka.ts"
import { type RegistryAddress, startRegistry } from "./registry.ts"
import { type S3Address, startS3 } from "./s3.ts"
import type { Service } from "./server.ts"
import { startTrino, type TrinoAddress } from "./trino.ts"
import { SERVER_NAMES, type ServerName } from "./versions.ts"

/** Each server's address, by the server's name. */
export type Addresses = {
  readonly kafka: KafkaAddress
  readonly registry: RegistryAddress
  readonly s3: S3Address
  readonly trino: TrinoAddress
}

type Running = { readonly [N in ServerName]: Service<Addresses[N]> }
type Starting = { [N in ServerName]?: Promise<Running[N]> }

/** Servers that are started as they are asked for, each once, and end together. */
export type ServiceSet = {
  /** The server, started by the first who asks. A failed start is not tried again: everybody hears the same reason. */
  readonly want: <N extends ServerName>(name: N) => Promise<Running[N]>
  /** What was asked for and has started. */
  readonly running: () => Promise<readonly Service<unknown>[]>
  readonly close: () => Promise<void>
}

/** `notifications`: s3 tells Kafka about new objects, and therefore brings a Kafka along. */
export const openServiceSet = (folder: string, notifications: boolean): ServiceSet => {
  const started: Starting = {}
  const folderOf = async (name: ServerName): Promise<string> => {
    const path = join(folder, name)
    await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }
  const starters: { readonly [N in ServerName]: () => Promise<Running[N]> } = {
    kafka: async () => startKafka(await folderOf("kafka")),
    registry: async () => startRegistry(await folderOf("registry")),
    trino: async () => startTrino(await folderOf("trino")),
    s3: async () => startS3(await folderOf("s3"), notifications ? (await want("kafka")).address.broker : null),
  }
  const want = <N extends ServerName>(name: N): Promise<Running[N]> => {
    const known: Promise<Running[N]> | undefined = started[name]
    if (known !== undefined) return known
    const starting: Promise<Running[N]> = starters[name]()
    started[name] = starting as Starting[N]
    return starting
  }
  const running = async (): Promise<readonly Service<unknown>[]> => {
    const settled = await Promise.allSettled(SERVER_NAMES.flatMap((name) => started[name] ?? []))
    return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value as Service<unknown>] : []))
  }
  const close = async (): Promise<void> => {
    await Promise.all((await running()).map((service) => service.stop()))
  }
  return { want, running, close }
}

type Wanted = { readonly [N in ServerName]?: true }
type Chosen<W extends Wanted> = { readonly [N in ServerName as W[N] extends true ? N : never]: Running[N] }

export type Services<W extends Wanted> = Chosen<W> & {
  /** Stops what was started and removes its data and logs. */
  readonly close: () => Promise<void>
}

/**
 * Starts the servers asked for, side by side, in a folder of their own, and waits until all are usable; s3 beside kafka
 * sends its notifications there. For tests that stop, kill or exhaust a server; all others use `sharedServices`.
 * If one does not start, all are stopped and the reason is thrown.
 */
export const startServices = async <const W extends Wanted>(wanted: W): Promise<Services<W>> => {
  const folder = await makeRunFolder()
  const set = openServiceSet(folder.path, wanted.kafka === true)
  const close = async (): Promise<void> => {
    await set.close()
    await folder.remove()
  }
  try {
    const names = SERVER_NAMES.filter((name) => wanted[name] === true)
    const services = await Promise.all(names.map((name) => set.want<ServerName>(name)))
    return { ...Object.fromEntries(services.map((one) => [one.name, one])), close } as unknown as Services<W>
  } catch (error) {
    await close()
    throw error
  }
}
