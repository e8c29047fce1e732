import { expect, it } from "vitest"
import { openTestServing } from "./testing/serving.ts"

it("is described by docs/openapi.json", async () => {
  const { app } = await openTestServing()
  const document = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await expect(document).toMatchFileSnapshot("../../docs/openapi.json")
})
