import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { SETTING_NAMES } from "../../config/table.ts"
import { call } from "../testing/call.ts"

const folder = mkdtempSync(join(tmpdir(), "commands-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("schemas check", () => {
  it("finds the project's schemas compatible", async () => {
    const { code, stdout, stderr } = await call(["schemas", "check"])
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" })
    expect(stderr).toMatch(/16 schemas against \d+ published versions: all compatible\.\n$/)
  })
})

describe("schemas types", () => {
  it("finds the types current and writes nothing", async () => {
    expect((await call(["schemas", "types", "--check"])).code).toBe(0)
    expect((await call(["schemas", "types"])).stdout).toBe("src/events/records.generated.ts was current\n")
  })
})

describe("rows in two forms at once", () => {
  it.each([["outputs"], ["sequences"], ["failures", "list"]])("are bad usage of %s %s", async (...words) => {
    const { code, stdout, stderr } = await call([...words, "--json", "--csv"])
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: Either --json or --csv, not both.\n",
    })
  })
})

describe("config explain", () => {
  it("prints every setting with value and origin, the file's among them", async () => {
    const state = join(folder, "frames/.oiio-proxy-generator")
    mkdirSync(state, { recursive: true })
    writeFileSync(join(state, "oiio-proxy-generator.yaml"), "proxyCrf: 18\n")
    const { code, stdout } = await call(["config", "explain", "frames", "--json"], {
      cwd: folder,
      env: { S3_SECRET_KEY: "hunter2" },
    })
    const rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(code).toBe(0)
    expect(rows.map(({ setting }) => setting)).toEqual(SETTING_NAMES)
    expect(rows.find(({ setting }) => setting === "proxyCrf")).toMatchObject({
      value: "18",
      origin: `the file ${join(state, "oiio-proxy-generator.yaml")}`,
    })
    expect(rows.find(({ setting }) => setting === "s3SecretKey")).toMatchObject({ value: "********" })
  })

  it("is a table for reading without --json, and points at mistyped variables on stderr", async () => {
    const { stdout, stderr } = await call(["config", "explain", "--timeout", "60"], {
      cwd: folder,
      env: { OIIO_STAET: "x" },
    })
    expect(stdout).toMatch(/^setting +value +from\n/)
    expect(stdout).toMatch(/^toolTimeoutSeconds +60 +the flag --timeout$/m)
    expect(stderr).toBe('note: No setting reads the environment variable OIIO_STAET. Did you mean "OIIO_STATE"?\n')
  })
})
