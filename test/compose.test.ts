import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { COMMANDS } from "../src/cli/commands.ts"
import { SETTING_NAMES, settingOf } from "../src/config/table.ts"
import { COMPOSE_FILE, type Compose, readCompose } from "./machine/compose.ts"
import { debianMissing } from "./machine/debian.ts"
import { VERSIONS } from "./services/versions.ts"

const exec = promisify(execFile)

const KEYS = { S3_ACCESS_KEY: "an-access-key", S3_SECRET_KEY: "a-secret-key" }
const { services } = readCompose(KEYS)
const named = Object.entries(services)
const ours = Object.values(services).filter(({ build }) => build !== undefined)

describe("docker-compose.yml, which is checked here and run elsewhere", () => {
  it.each([
    ["kafka", `apache/kafka:${VERSIONS.kafka}`],
    ["registry", `apicurio/apicurio-registry:${VERSIONS.registry}`],
    ["s3", `versity/versitygw:${VERSIONS.s3}`],
    ["trino", `trinodb/trino:${VERSIONS.trino}`],
  ])("runs the %s that the tests run", (name, image) => {
    expect(services[name]?.image).toBe(image)
  })

  it("has an ingest, two workers and a projector, and makes topics and schemas first", () => {
    const names = new Set(COMMANDS.map(({ name }) => name))
    const called = ours.map(({ command = [] }) => command.filter((word) => !word.startsWith("-")).join(" "))
    expect(called.sort()).toEqual(["ingest", "projector", "schemas register", "topics create", "worker", "worker"])
    expect(services.topics?.command).toContain("--with-intake")
    for (const name of called) expect(names).toContain(name)
  })

  it("sets nothing that is no setting", () => {
    const known = new Set(SETTING_NAMES.map((name) => settingOf(name).env))
    for (const { environment = {} } of ours) for (const name of Object.keys(environment)) expect(known).toContain(name)
  })

  it("publishes no intake that asks nothing of its senders", () => {
    const asks = ["OIIO_INTAKE_SECRET", "OIIO_INTAKE_ALLOW", "OIIO_INTAKE_CLIENT_CA"]
    for (const { ports = [], environment = {} } of ours) {
      const isPublished = ports.some((port) => /(^|:)8080$/.test(port))
      if (isPublished) expect(asks.some((name) => name in environment)).toBe(true)
      else expect(environment.OIIO_INTAKE_HTTP ?? "false").toBe("false")
    }
  })

  it("starts Kafka and the catalogue with the settings of the tests", () => {
    expect(services.kafka?.environment).toMatchObject({ KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false" })
    expect(services.registry?.environment?.APICURIO_DATASOURCE_URL).toMatch(/;WRITE_DELAY=0$/)
    expect(readFileSync("deploy/trino/catalog/vast.properties", "utf8")).toContain("connector.name=iceberg")
  })
})

describe("docker-compose.yml confines", () => {
  it.each(named)(
    "%s: a file system that is read, no capability, no way to more rights, a limit of memory",
    (name, of) => {
      expect(of).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] })
      expect(of.mem_limit).toMatch(/^\d+[mg]$/)
      expect(of.cap_add ?? []).toEqual(name === "folders" ? ["CHOWN", "DAC_OVERRIDE", "FOWNER"] : [])
      if (name !== "folders") expect(of.user).toMatch(/^100[01]:/)
    },
  )

  it.each(named)("%s to this machine: what is published is published on loopback", (_, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  })
})

describe("docker-compose.yml makes", () => {
  it("every folder on a volume before the server that needs it starts", () => {
    for (const [name, { volumes = [], depends_on = {} }] of named) {
      if (name === "folders" || !volumes.some((volume) => /^\w+:/.test(volume))) continue
      expect([name, depends_on.folders?.condition]).toEqual([name, "service_completed_successfully"])
    }
  })

  it("every server go on after a crash", () => {
    const once = new Set(["folders", "topics", "schemas"])
    for (const [name, { restart }] of named)
      expect([name, restart]).toEqual([name, once.has(name) ? undefined : "unless-stopped"])
  })

  it("the buckets known, so that they are listed for what no notification told of", () => {
    for (const { environment = {} } of ours) expect(environment.S3_BUCKETS).toBe("renders")
    expect(services.folders?.environment?.S3_BUCKETS).toBe("renders")
  })
})

describe("Debian's docker-compose", async () => {
  const program = "/usr/bin/docker-compose"
  const missing = await debianMissing({ programs: [program], packages: ["docker-compose"] })
  const config = (env: Readonly<Record<string, string>>) =>
    exec(program, ["--file", COMPOSE_FILE, "config"], {
      env: { PATH: "/usr/bin:/bin", ...env },
    })

  it.skipIf(missing !== null)(
    `reads the file as these tests do${missing === null ? "" : ` (${missing})`}`,
    async () => {
      const read = parse((await config(KEYS)).stdout) as Compose
      expect(Object.keys(read.services).sort()).toEqual(Object.keys(services).sort())
      for (const [name, { command, environment, read_only, mem_limit, restart }] of named) {
        // It prints a dollar as it would be written.
        const written = command?.map((word) => word.replaceAll("$", "$$$$"))
        const wanted = { read_only, mem_limit, ...(restart && { restart }), ...(environment && { environment }) }
        expect(read.services[name]).toMatchObject({ ...wanted, ...(written && { command: written }) })
      }
    },
  )

  it.skipIf(missing !== null).each(Object.keys(KEYS))("starts nothing without %s", async (name) => {
    const refused = await config({ ...KEYS, [name]: "" }).catch((error: { stderr: string }) => error)
    expect(refused.stderr).toContain(`${name}:?is missing from .env`)
  })
})

describe("the image", () => {
  const dockerfile = readFileSync("Dockerfile", "utf8")

  it("gets its picture tools from the script that CI runs, and runs as nobody special", () => {
    expect(dockerfile).toContain("RUN scripts/setup --tools-only")
    expect(dockerfile).toMatch(/^USER node$/m)
  })

  it("runs on the Node that the set-up installs", () => {
    const version = /^NODE_VERSION=(.*)$/m.exec(readFileSync("scripts/setup", "utf8"))?.[1]
    expect(dockerfile.match(/^FROM node:\S+/gm)).toEqual(Array(3).fill(`FROM node:${version}-bookworm-slim`))
  })
})
