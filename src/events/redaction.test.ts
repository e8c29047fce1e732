import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { redactor } from "./redaction.ts"

const SECRET = 'p@ss/w"ö rd%1+🎬'

const SPELLINGS: readonly (readonly [string, (secret: string) => string])[] = [
  ["as it is", (secret) => secret],
  ["in JSON", (secret) => JSON.stringify(secret).slice(1, -1)],
  ["in JSON within JSON", (secret) => JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
  [
    "in JSON of ASCII",
    (secret) => secret.replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ],
  ["as a part of an address", encodeURIComponent],
  ["as a form's field", (secret) => new URLSearchParams({ secret }).toString().slice("secret=".length)],
  ["as the password of an address", passwordIn],
  [
    "in percent-encoding of small letters",
    (secret) => encodeURIComponent(secret).replaceAll(/%../g, (one) => one.toLowerCase()),
  ],
  ["in base64", (secret) => Buffer.from(secret).toString("base64")],
  ["in base64 for addresses", (secret) => Buffer.from(secret).toString("base64url")],
  ["behind a user of one letter", (secret) => Buffer.from(`u:${secret}`).toString("base64")],
  ["behind a user of two letters", (secret) => Buffer.from(`us:${secret}`).toString("base64")],
  ["behind a user of three letters", (secret) => Buffer.from(`use:${secret}`).toString("base64")],
  ["in the middle of what is encoded", (secret) => Buffer.from(`{"a":"${secret}","b":1}`).toString("base64")],
]

function passwordIn(secret: string): string {
  const address = new URL("http://host/")
  address.username = "user"
  address.password = secret
  return address.password
}

describe("a secret", () => {
  it.each(SPELLINGS)("is blotted out %s", (_, spelled) => {
    const text = `before ${spelled(SECRET)} after`
    expect(redactor(["other-secret", SECRET])(text)).toBe("before ******** after")
  })

  it("is blotted out in every spelling, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 8, maxLength: 40 }),
        fc.constantFrom(...SPELLINGS),
        (text, [, spelled]) => {
          const secret = text.toWellFormed()
          const said = `<<${spelled(secret)}>>`
          expect(redactor([secret])(said)).not.toContain(spelled(secret))
        },
      ),
      { numRuns: 60 },
    )
  })

  it("that is the beginning of another leaves nothing of that one", () => {
    expect(redactor(["hunter", "hunter2-long"])("x hunter2-long hunter x")).toBe("x ******** ******** x")
  })

  it("is looked for in a long text of base64 without taking long", () => {
    const text = "A".repeat(4_000_000)
    expect(redactor([SECRET, "hunter2-long"])(text)).toBe(text)
  })

  it("of three characters or fewer spoils no text, and one of seven no base64", () => {
    expect(redactor(["abc", ""])("abc")).toBe("abc")
    expect(redactor(["1234567"])(Buffer.from("1234567").toString("base64"))).toBe("********")
    expect(redactor(["12345"])("aMTIzNDU=")).toBe("aMTIzNDU=")
  })
})
