import { createServer, request, type Server } from "node:http"

/** A store that the test can make answer 503 to everything, as one does that is overloaded. */
export type Gate = {
  readonly endpoint: string
  /** How often 503 was answered so far. */
  readonly refused: () => number
  readonly shut: () => void
  readonly open: () => void
  readonly close: () => Promise<void>
}

const BUSY = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>'

/** In front of a server. Host and all other headers pass through unchanged, since they are signed. */
export async function openGate(server: string, port = 0): Promise<Gate> {
  const { hostname, port: serverPort } = new URL(server)
  let isShut = false
  let refused = 0
  const gate = createServer((incoming, outgoing) => {
    if (isShut) {
      refused += 1
      incoming.resume()
      outgoing.writeHead(503, { "content-type": "application/xml", connection: "close" }).end(BUSY)
      return
    }
    const { method = "GET", url: path = "/", rawHeaders: headers } = incoming
    const passed = request({ hostname, port: serverPort, method, path, headers, setHost: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(outgoing)
    })
    passed.on("error", () => outgoing.destroy())
    incoming.on("error", () => passed.destroy())
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => gate.listen(port, "127.0.0.1", resolve))
  const address = gate.address()
  if (address === null || typeof address === "string") throw new Error("the gate has no port")
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    refused: () => refused,
    shut: () => {
      isShut = true
    },
    open: () => {
      isShut = false
    },
    close: () => closed(gate),
  }
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
