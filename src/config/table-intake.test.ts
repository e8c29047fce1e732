import { describe, expect, it } from "vitest"
import { explain, secretsOf } from "./explain.ts"
import { loadConfig } from "./index.ts"

const loaded = (env: Record<string, string>) => {
  const settings = loadConfig({ flags: {}, env, cwd: "/", defaultStateDir: "state", cores: 8 })
  if (!settings.ok) throw new Error(settings.failure.says)
  return settings.value
}

const refusal = (env: Record<string, string>): string => {
  const settings = loadConfig({ flags: {}, env, cwd: "/", defaultStateDir: "state", cores: 8 })
  return settings.ok ? "" : settings.failure.says
}

describe("where arrivals come from", () => {
  it("each topic may declare its dialect", () => {
    const { config } = loaded({ OIIO_INTAKE_TOPICS: "s3-events:versitygw, vast.main", OIIO_INTAKE_DIALECT: "aws" })
    expect(config.intakeTopics).toEqual([
      { topic: "s3-events", dialect: "versitygw" },
      { topic: "vast.main", dialect: null },
    ])
    expect(config.intakeDialect).toBe("aws")
  })

  it.each(["s3-events:gcs", "a topic", "a:aws:b", "a,,b", ":aws"])("%s is refused with what is allowed", (text) => {
    expect(refusal({ OIIO_INTAKE_TOPICS: text })).toMatch(/intakeTopics must be topics with commas .*versitygw/)
  })

  it("lists are written with commas and shown so", () => {
    const settings = loaded({ S3_BUCKETS: "renders, plates" })
    expect(settings.config.s3Buckets).toEqual(["renders", "plates"])
    expect(explain(settings).find(({ setting }) => setting === "s3Buckets")?.value).toBe("renders,plates")
    expect(refusal({ S3_BUCKETS: "renders,,plates" })).toMatch(/s3Buckets must be names of buckets/)
  })

  it("a backfill gets a quarter of the cores", () => {
    expect(loaded({}).config.backfillRendersInFlight).toBe(2)
  })
})

it("a password inside an address is a secret, too", () => {
  const settings = loaded({ SCHEMA_REGISTRY_URL: "https://us:p%40ss@registry:8081", KAFKA_PASSWORD: "hunter22" })
  expect(secretsOf(settings)).toEqual(["hunter22", "p%40ss", "p@ss"])
  expect(JSON.stringify(explain(settings))).not.toMatch(/p%40ss|p@ss|hunter22/)
})
