import { execFile } from "node:child_process"
import { chmodSync, mkdtempSync, realpathSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"
import { eventually } from "../machine/eventually.ts"
import { allShown } from "../pages/blocks.ts"
import { declaredOf } from "../pages/declared.ts"
import { withAdmin } from "../services/kafka-admin.ts"
import { randomSecret } from "../services/keep.ts"
import { s3Client } from "../services/s3.ts"
import { runSql } from "../services/trino-sql.ts"
import { openComposeShell, typedUntilShown } from "./compose-page.ts"
import {
  ourProgram,
  startKafkaContainer,
  startRegistryContainer,
  startS3Container,
  startTrinoContainer,
} from "./compose-programs.ts"
import { type Containers, openContainers } from "./containers.ts"
import { outputsOf } from "./uploads.ts"

const exec = promisify(execFile)

const home = realpathSync(mkdtempSync(join(tmpdir(), "compose-images-")))
chmodSync(home, 0o755)
const keys = { accessKey: randomSecret(10), secretKey: randomSecret() }
let containers: Containers

beforeAll(async () => {
  containers = await openContainers({ S3_ACCESS_KEY: keys.accessKey, S3_SECRET_KEY: keys.secretKey })
})
afterAll(async () => {
  await containers.close()
  rmSync(home, { recursive: true, force: true })
})

const url = (service: string, port: number, path: string): string =>
  `http://127.0.0.1:${containers.port(service, port)}${path}`

/** Waits until the service's own health check, or the address in it, answers well; ends with its log where it never does. */
async function isHealthy(name: string, check: () => Promise<unknown>): Promise<void> {
  try {
    await eventually(`${name} is healthy`, () =>
      check().then(
        () => true,
        () => false,
      ),
    )
  } catch (error) {
    throw new Error(`${error}\n${await containers.logOf(name)}`)
  }
}

const answers = async (address: string): Promise<void> => {
  const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) })
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`)
}

/** The address that a service's health check in the compose file asks. */
const addressChecked = (name: string): string => {
  const words = containers.service(name).healthcheck?.test.join(" ") ?? ""
  const found = /http:\/\/[^\s'"]+/.exec(containers.words(name, words))?.[0]
  if (found === undefined) throw new Error(`the health check of ${name} asks no address`)
  return found
}

/** Each waits for those that the compose file has it wait for. */
it("starts on fresh volumes, every service as its user", async () => {
  await containers.completes("folders", { file: "/bin/sh", args: ["-ec"] })

  await Promise.all([
    startKafkaContainer(containers, home),
    startRegistryContainer(containers),
    startTrinoContainer(containers, home),
  ])
  const broker = `127.0.0.1:${containers.port("kafka", 9092)}`
  await isHealthy("kafka", () => withAdmin(broker, (admin) => admin.listTopics(), 0))
  await isHealthy("registry", () => answers(addressChecked("registry")))
  await containers.completes("topics", ourProgram(containers, "topics"))
  await containers.completes("schemas", ourProgram(containers, "schemas"))
  expect(await withAdmin(broker, (admin) => admin.listTopics())).toEqual(
    expect.arrayContaining(["s3-events", "spaceharbor.proxy", "spaceharbor.dataengine.completed", "oiio.proxy-made"]),
  )
  await startS3Container(containers)
  await isHealthy("s3", () => answers(addressChecked("s3")))
  const trino = url("trino", 8080, "")
  await isHealthy("trino", () => runSql(trino, `CREATE SCHEMA IF NOT EXISTS vast."probe/ready"`))

  for (const name of ["ingest", "worker-1", "worker-2", "projector"])
    containers.starts(name, ourProgram(containers, name))
  for (const name of ["ingest", "worker-1", "worker-2", "projector"]) {
    const [, program = "", ...args] = containers.service(name).healthcheck?.test ?? []
    const words = args.map((word) => containers.words(name, word))
    expect(program).toBe("node")
    await isHealthy(name, () => exec(process.execPath, words))
  }
}, 600_000)

it("answers what docs/compose.md has a reader type, as it says", async () => {
  const lines = allShown().filter(
    ({ page, command }) => page === "docs/compose.md" && declaredOf(command) === undefined,
  )
  // The keys are made by then: what runs was started with them.
  const [made, ...typed] = lines
  expect(made?.command).toContain("> .env")
  expect(lines.length).toBeGreaterThan(8)
  const shell = await openComposeShell(
    containers,
    home,
    `S3_ACCESS_KEY=${keys.accessKey}\nS3_SECRET_KEY=${keys.secretKey}\n`,
  )
  for (const line of typed) await typedUntilShown(shell, line)

  const s3 = s3Client({ endpoint: url("s3", 7070, ""), region: "us-east-1", ...keys, notificationTopic: null })
  const { thumbnail, proxy } = await outputsOf({ s3, bucket: "renders" }, "shots/sh010/beauty.1001.exr")
  expect([thumbnail.ContentType, proxy.ContentType]).toEqual(["image/jpeg", "video/mp4"])
  s3.destroy()
}, 600_000)

it("has given each volume to the user of its server", () => {
  for (const [name, path] of [
    ["s3", "/data/objects"],
    ["trino", "/data/warehouse"],
    ["kafka", "/var/lib/kafka/data/log"],
  ] as const) {
    const owner = statSync(containers.words(name, path)).uid
    expect([name, owner]).toEqual([name, process.getuid?.() === 0 ? 1000 : process.getuid?.()])
  }
})
