import { expect, it } from "vitest"
import { loadConfig } from "./index.ts"
import { outputsAddress } from "./table-folder.ts"

const given = (outputs: string) =>
  loadConfig({ flags: { outputs }, env: {}, cwd: "/facility", defaultStateDir: "state", cores: 2 })

it.each([
  ["s3://out", "out", ""],
  ["s3://out/", "out", ""],
  ["s3://out/show", "out", "show/"],
  ["s3://out/show/proxies/", "out", "show/proxies/"],
])("%s is the bucket %s and the prefix %s", (outputs, bucket, prefix) => {
  expect(given(outputs)).toMatchObject({ ok: true, value: { config: { outputs } } })
  expect(outputsAddress(outputs)).toEqual({ bucket, prefix })
})

it.each([
  "s3:",
  "s3://",
  "s3:///show",
  "s3:out/show",
  "s3://out//",
  "s3://out//show",
  "s3://out/show//proxies",
  "s3://out/../plates",
  "s3://out/./show",
  "s3://out/show/..",
  "s3://out/a\u0001b",
  "s3://out/show?x=1",
  "s3://out/show/.proxies/x",
])("%s is refused with a sentence that says what to write", (outputs) => {
  const refused = given(outputs)
  expect(refused).toMatchObject({
    ok: false,
    failure: { code: "config/invalid", says: expect.stringMatching(/outputs.*(write s3:|write another)/) },
  })
})

it("a folder is made absolute", () => {
  expect(given("proxies")).toMatchObject({ ok: true, value: { config: { outputs: "/facility/proxies" } } })
  expect(outputsAddress("/facility/proxies")).toBeNull()
})
