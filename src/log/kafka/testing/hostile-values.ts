import { randomBytes } from "node:crypto"
import { elementCreated, factBytes } from "../../../events/testing/facts.ts"

const magicOne = (): Buffer => {
  const bytes = factBytes(elementCreated(), 1)
  bytes.writeUInt8(1, 0)
  return bytes
}

/** What reaches a topic when somebody else writes to it: no value among them is a record of ours, or a notification. */
export const HOSTILE_VALUES: readonly (Buffer | null)[] = [
  randomBytes(64),
  magicOne(),
  factBytes(elementCreated(), 987_654_321),
  Buffer.alloc(900_000, 0xff),
  null,
  Buffer.from('{"not":"a record of ours"'),
]
