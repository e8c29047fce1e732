import kafkajs from "kafkajs"
import { expect, it } from "vitest"
import { classify } from "./failures.ts"

const protocolError = (type: string): Error => Object.assign(new Error(`said ${type}`), { type, retriable: false })
/** As the client's retrier throws it; the types do not know the cause. */
const usedUp = (cause: Error): Error => Object.assign(new kafkajs.KafkaJSNonRetriableError(cause), { cause })

it("takes a client that gave up after an outage for an outage, whatever the client calls it", () => {
  const refused = new kafkajs.KafkaJSConnectionError("connect ECONNREFUSED 127.0.0.1:9")
  expect(classify(usedUp(refused), "Appending")).toEqual({
    code: "log/unreachable",
    kind: "outage",
    says: "Appending: connect ECONNREFUSED 127.0.0.1:9",
  })
})

it("takes the client's own stumbling in an outage for an outage", () => {
  const stumbled = usedUp(new TypeError("Cannot read properties of undefined (reading 'connectionPool')"))
  expect(classify(stumbled, "Joining").kind).toBe("outage")
})

it.each(["TOPIC_AUTHORIZATION_FAILED", "INVALID_SESSION_TIMEOUT", "SASL_AUTHENTICATION_FAILED"])(
  "knows that %s is final, however deep it lies",
  (type) => {
    expect(classify(usedUp(usedUp(protocolError(type))), "Joining")).toMatchObject({
      code: "log/refused",
      kind: "permanent",
      says: `Joining: said ${type}`,
    })
  },
)

it("tells a batch that is too large from the rest", () => {
  expect(classify(usedUp(protocolError("MESSAGE_TOO_LARGE")), "Appending").code).toBe("log/too-large")
})

it("finds the reason among several", () => {
  const several = Object.assign(new Error("Topic errors"), { errors: [protocolError("POLICY_VIOLATION")] })
  expect(classify(several, "Creating").code).toBe("log/refused")
})

it("does not take what is no error for one of the client's", () => {
  expect(() => classify("a string", "Joining")).toThrow("a string")
})
