import { describe, expect, it } from "vitest"
import { explain, secretsOf } from "../config/explain.ts"
import { loadConfig } from "../config/index.ts"
import { unwrap } from "../events/testing/results.ts"
import { intakeAccess, intakeLimits, intakeProblem, intakeTrust } from "./intakes.ts"

const settingsOf = (env: Record<string, string>) =>
  unwrap(loadConfig({ flags: {}, env, cwd: "/", defaultStateDir: "state", cores: 2 }))

const configOf = (env: Record<string, string> = {}) => settingsOf(env).config

const problemOf = (env: Record<string, string>): string | undefined => intakeProblem(configOf(env))?.says

const SECRET = { OIIO_INTAKE_SECRET: "a-long-shared-secret" }

describe("who reaches the HTTP intake", () => {
  it("is this machine alone, unless somebody says otherwise", () => {
    expect(configOf().intakeHost).toBe("127.0.0.1")
    expect(intakeProblem(configOf())).toBeNull()
  })

  it("is nobody where others reach it and nothing is asked of them: the start is refused and names the settings", () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.5", "intake.example.com"]) {
      const says = problemOf({ OIIO_INTAKE_HOST: host })
      for (const name of ["HOST", "SECRET", "ALLOW", "CLIENT_CA", "HTTP"]) expect(says).toContain(`OIIO_INTAKE_${name}`)
    }
    expect(
      problemOf({ OIIO_INTAKE_HOST: "0.0.0.0", OIIO_INTAKE_HTTP: "false", OIIO_INTAKE_TOPICS: "t" }),
    ).toBeUndefined()
  })

  it("is whoever shows a secret, or has an address on the list", () => {
    const host = { OIIO_INTAKE_HOST: "0.0.0.0" }
    expect(problemOf({ ...host, ...SECRET })).toBeUndefined()
    expect(problemOf({ ...host, OIIO_INTAKE_ALLOW: "10.0.0.0/8,2001:db8::/32" })).toBeUndefined()
  })

  it.each([
    [{ OIIO_INTAKE_CERT: "/nowhere.pem" }, /OIIO_INTAKE_CERT and OIIO_INTAKE_KEY belong together/],
    [{ OIIO_INTAKE_CLIENT_CA: "/nowhere.pem" }, /OIIO_INTAKE_CLIENT_CA needs OIIO_INTAKE_CERT/],
    [{ OIIO_INTAKE_CERT: "/nowhere.pem", OIIO_INTAKE_KEY: "/nowhere.key" }, /OIIO_INTAKE_CERT: .* cannot be read/],
  ])("%o is refused before anything listens", (env, says) => {
    expect(problemOf({ ...SECRET, ...env })).toMatch(says)
  })
})

describe("the secret", () => {
  it("is never shown, and each of several is kept out of the log", () => {
    const env = { OIIO_INTAKE_SECRET: "the-old-shared-secret,the-new-shared-secret" }
    const settings = settingsOf(env)
    expect(JSON.stringify(explain(settings))).not.toContain("shared-secret")
    expect(secretsOf(settings)).toEqual(["the-old-shared-secret", "the-new-shared-secret"])
    expect(unwrap(intakeAccess(settings.config)).secrets).toHaveLength(2)
  })

  it("is refused where it is short, without being repeated", () => {
    const loaded = loadConfig({ flags: {}, env: { OIIO_INTAKE_SECRET: "hunter2" }, cwd: "/", defaultStateDir: "s" })
    const says = loaded.ok ? "" : loaded.failure.says
    expect(says).toMatch(/^intakeSecret must be texts of at least 16 characters/)
    expect(says).not.toContain("hunter2")
  })
})

it("Kafka's ids and wishes are believed, those over HTTP only where a setting says so", () => {
  expect(intakeTrust(configOf(), "kafka")).toEqual({ ids: true, force: true })
  expect(intakeTrust(configOf(), "http")).toEqual({ ids: false, force: false })
  const env = { OIIO_INTAKE_TRUST_IDS: "all", OIIO_INTAKE_TRUST_FORCE: "none" }
  expect(intakeTrust(configOf(env), "http")).toEqual({ ids: true, force: false })
  expect(intakeTrust(configOf(env), "kafka")).toEqual({ ids: true, force: false })
})

it("no address may have more connections than there are", () => {
  expect(intakeLimits(configOf({ OIIO_INTAKE_CONNECTIONS: "20" }))).toMatchObject({ mostConnectionsPerAddress: 20 })
})
