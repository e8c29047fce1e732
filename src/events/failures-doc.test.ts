import { expect, it } from "vitest"
import { FAILURES, type FailureKind } from "./result.ts"

const HEAD = `# Failures

Generated from src/events/result.ts by its test (\`vitest run src/events/failures-doc.test.ts -u\`). Do not edit.

Every failure has a stable code, a kind, and a sentence that says what happened, to what, and what to do. The codes stand
in \`failures list\`, in the records of \`element-failed\`, in the table \`elements\` and in logs. A retired code is never used
again for something else.

| kind | what happens |
|---|---|
`

const KINDS: Readonly<Record<FailureKind, string>> = {
  permanent:
    "Trying again gives the same answer: the element fails at once. `failures retry` tries again once the cause is gone.",
  transient: "May pass: tried again after a growing wait, a limited number of times; then the element fails.",
  outage:
    "A server, tool or disk is out of reach: the work pauses and goes on by itself. It never makes an element fail.",
}

/** Text of docs/failures.md. */
function failuresDoc(): string {
  const kinds = Object.entries(KINDS).map(([kind, says]) => `| ${kind} | ${says} |`)
  const codes = Object.entries(FAILURES).map(([code, [kind, says]]) => `| \`${code}\` | ${kind} | ${says} |`)
  return `${HEAD}${kinds.join("\n")}\n\n| code | kind | meaning |\n|---|---|---|\n${codes.join("\n")}\n`
}

it("docs/failures.md lists every failure code with its kind, and no other", async () => {
  await expect(failuresDoc()).toMatchFileSnapshot("../../docs/failures.md")
  const listed = [...failuresDoc().matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code)
  expect(listed).toEqual(Object.keys(FAILURES))
})
