import net from "node:net"
import type { ISocketFactory } from "kafkajs"

/** A network between one log and the brokers that a test can cut, without touching the brokers. */
export type Network = {
  readonly openSocket: ISocketFactory
  /** Ends all connections; new ones are refused until the returned function is called. */
  cut(): () => void
}

export function createNetwork(): Network {
  const sockets = new Set<net.Socket>()
  let isCut = false
  const gone = (): Error => Object.assign(new Error("connect ECONNREFUSED by the test"), { code: "ECONNREFUSED" })
  return {
    openSocket: ({ host, port, onConnect }) => {
      const socket = isCut ? new net.Socket() : net.connect({ host, port }, onConnect)
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
      if (isCut) setImmediate(() => socket.destroy(gone()))
      return socket
    },
    cut: () => {
      isCut = true
      for (const socket of sockets) socket.destroy(gone())
      return () => {
        isCut = false
      }
    },
  }
}
