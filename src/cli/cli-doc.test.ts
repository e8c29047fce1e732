import { expect, it } from "vitest"
import { cliDoc } from "./cli-doc.ts"
import { COMMANDS } from "./commands.ts"
import { EXIT_CODES } from "./terminal/io.ts"
import { call } from "./testing/call.ts"

it("docs/cli.md describes the commands and exit codes that there are", async () => {
  const doc = await cliDoc(COMMANDS)
  await expect(doc).toMatchFileSnapshot("../../docs/cli.md")
  for (const code of Object.keys(EXIT_CODES)) expect(doc).toContain(`| ${code} | `)
})

it.each(COMMANDS.map(({ name }) => name))("%s shows help with an example", async (name) => {
  const { code, stdout } = await call([...name.split(" "), "--help"])
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`Examples:\\n {2}\\$ oiio-proxy-generator ${name}`))
})
