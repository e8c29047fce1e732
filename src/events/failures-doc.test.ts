import { expect, it } from "vitest"
import { FAILURES } from "./failure.ts"
import { failuresDoc } from "./failures-doc.ts"

it("docs/failures.md lists every failure code with its kind, and no other", async () => {
  await expect(failuresDoc()).toMatchFileSnapshot("../../docs/failures.md")
  const listed = [...failuresDoc().matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code)
  expect(listed).toEqual(Object.keys(FAILURES))
})
