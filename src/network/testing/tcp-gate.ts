import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export type Gate = {
  /** Where to connect instead of the server. */
  readonly port: number
  /** Breaks what is connected and refuses what comes, until the returned function is called. */
  breakDown(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** A way to a server that can be shut, for one test, while everybody else goes on using the server. */
export async function openGate(to: { readonly host: string; readonly port: number }): Promise<Gate> {
  const sockets = new Set<Socket>()
  const joined = (socket: Socket): Socket => {
    sockets.add(socket)
    // The other side hears of it by the connection's end.
    return socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket))
  }
  const server = createServer((near) => {
    const far = joined(connect(to))
    joined(near).pipe(far).pipe(near)
    near.once("close", () => far.destroy())
    far.once("close", () => near.destroy())
  })
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve))
  const shut = (): Promise<void> =>
    new Promise((resolve) => {
      if (!server.listening) return resolve()
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  await listen(0)
  const { port } = server.address() as AddressInfo
  const breakDown = async () => {
    await shut()
    return () => listen(port)
  }
  return { port, breakDown, close: shut }
}
