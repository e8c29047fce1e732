import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createDecoder, currentSchemas, encodeFact } from "./codec.ts"
import { cloudEventHeaders } from "./fact.ts"
import { FACT_TOPICS } from "./schemas.ts"
import { hostileFact } from "./testing/hostile-facts.ts"

describe.each(FACT_TOPICS)("the encoder of %s", (topic) => {
  const decode = createDecoder(() => currentSchemas.get(topic) ?? null)

  it("writes what can be read again, or says which field cannot be written; it never throws", () => {
    let written = 0
    let refused = 0
    const property = fc.property(hostileFact(topic, { hostile: 4, misfit: 1 }), (fact) => {
      const bytes = encodeFact(fact, 1)
      if (bytes.ok) {
        written += 1
        const read = decode(topic, bytes.value)
        expect(read).toMatchObject({ ok: true })
        if (read.ok) expect(() => cloudEventHeaders(read.value)).not.toThrow()
      } else {
        refused += 1
        expect(bytes.failure).toMatchObject({ code: "log/unencodable", kind: "permanent" })
        expect(bytes.failure.says).toMatch(/ is .+, not | is of another type /s)
        expect(bytes.failure.says.length).toBeLessThan(1000)
      }
    })
    fc.assert(property, { numRuns: 300 })
    expect([written > 0, refused > 0]).toEqual([true, true])
  })
})
