import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

export type ConnectionLimits = {
  readonly mostConnections: number
  readonly mostConnectionsPerAddress: number
}

type Connection = {
  readonly socket: Socket
  readonly name: string
  readonly address: string
  /** Requests under way, and requests that were answered. */
  busy: number
  served: number
  /** It came when nobody could make room: its request is refused. */
  isOver: boolean
}

export type Connections = {
  /** To be called for each request: counts it until its answer is out. False where the connection is one too many. */
  admits(request: IncomingMessage, response: ServerResponse): boolean
}

/**
 * Bounds the connections of a server, altogether and for each address. A connection beyond the limit takes the place of
 * the longest idle one, so that idle connections, however many, never keep a request out; where none is idle, its request
 * is there to be refused in words. Those beyond twice the limit are dropped by the server itself.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): Connections {
  const byAddress = new Map<string, Set<Connection>>()
  const byName = new Map<string, Connection>()
  const forget = (connection: Connection): void => {
    if (!byName.delete(connection.name)) return
    const others = byAddress.get(connection.address)
    others?.delete(connection)
    if (others?.size === 0) byAddress.delete(connection.address)
  }
  const makeRoom = (among: ReadonlySet<Connection>, newcomer: Connection): void => {
    const idle = longestIdle(among, newcomer)
    if (idle === undefined) newcomer.isOver = true
    else {
      forget(idle)
      idle.socket.destroy()
    }
  }
  server.maxConnections = 2 * limits.mostConnections
  server.on("connection", (socket: Socket) => {
    const connection = connectionOf(socket)
    const same = byAddress.get(connection.address) ?? new Set()
    byAddress.set(connection.address, same.add(connection))
    byName.set(connection.name, connection)
    socket.once("close", () => forget(connection))
    if (same.size > limits.mostConnectionsPerAddress) makeRoom(same, connection)
    else if (byName.size > limits.mostConnections) makeRoom(largest(byAddress), connection)
  })
  return {
    admits: ({ socket }, response) => {
      const connection = byName.get(nameOf(socket))
      if (connection === undefined) return true
      connection.busy += 1
      response.once("close", () => {
        connection.busy -= 1
        connection.served += 1
      })
      return !connection.isOver
    },
  }
}

/** Also what a TLS connection on top of the socket is called. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

const connectionOf = (socket: Socket): Connection => ({
  socket,
  name: nameOf(socket),
  address: socket.remoteAddress ?? "",
  busy: 0,
  served: 0,
  isOver: false,
})

/** One that never sent a request goes before one that a sender keeps for its next. */
function longestIdle(among: ReadonlySet<Connection>, except: Connection): Connection | undefined {
  const idle = [...among].filter((one) => one !== except && one.busy === 0)
  return idle.find(({ served }) => served === 0) ?? idle[0]
}

function largest(byAddress: ReadonlyMap<string, ReadonlySet<Connection>>): ReadonlySet<Connection> {
  let most: ReadonlySet<Connection> = new Set()
  for (const one of byAddress.values()) if (one.size > most.size) most = one
  return most
}
