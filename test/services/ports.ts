import { randomInt } from "node:crypto"
import { createServer } from "node:net"

const LOOPBACK = "127.0.0.1"
/** Below every system's ephemeral range: a client that dials a stopped server may otherwise be given that very port. */
const FIRST = 20_000
const LAST = 29_999
const ATTEMPTS = 50

/** The port, if nobody listens on it; 0 asks the system for any. */
const tryPort = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(undefined))
    server.listen(port, LOOPBACK, () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === "object" ? address.port : undefined))
    })
  })

export const isFree = async (port: number): Promise<boolean> => (await tryPort(port)) !== undefined

/** A port of loopback on which nobody listens, and which keeps its number over restarts of the server. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = await tryPort(randomInt(FIRST, LAST + 1))
    if (port !== undefined) return port
  }
  const any = await tryPort(0)
  if (any === undefined) throw new Error("No port of 127.0.0.1 can be listened on.")
  return any
}
