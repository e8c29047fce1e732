import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"
import { COMMANDS } from "../src/cli/commands.ts"
import { SETTING_NAMES, settingOf } from "../src/config/table.ts"
import { VERSIONS } from "./services/versions.ts"

type Service = {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly build?: string
  readonly ports?: readonly string[]
}

const compose = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true }) as {
  services: Record<string, Service>
}
const ours = Object.values(compose.services).filter(({ build }) => build !== undefined)

describe("docker-compose.yml, which is checked here and run elsewhere", () => {
  it.each([
    ["kafka", `apache/kafka:${VERSIONS.kafka}`],
    ["registry", `apicurio/apicurio-registry:${VERSIONS.registry}`],
    ["s3", `versity/versitygw:${VERSIONS.s3}`],
    ["trino", `trinodb/trino:${VERSIONS.trino}`],
  ])("runs the %s that the tests run", (name, image) => {
    expect(compose.services[name]?.image).toBe(image)
  })

  it("has an ingest, two workers and a projector, and makes topics and schemas first", () => {
    const names = new Set(COMMANDS.map(({ name }) => name))
    const called = ours.map(({ command = [] }) => command.filter((word) => !word.startsWith("-")).join(" "))
    expect(called.sort()).toEqual(["ingest", "projector", "schemas register", "topics create", "worker", "worker"])
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
    expect(compose.services.kafka?.environment).toMatchObject({ KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false" })
    expect(compose.services.registry?.environment?.APICURIO_DATASOURCE_URL).toMatch(/;WRITE_DELAY=0$/)
    expect(readFileSync("deploy/trino/catalog/vast.properties", "utf8")).toContain("connector.name=iceberg")
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
