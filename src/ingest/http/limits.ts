/** How much senders may bring: connections, size and pace of a body, records a minute. */

import { createHash } from "node:crypto"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { isIPv6, type Socket } from "node:net"
import { type LeastPace, watchPace } from "../../network/transfer-pace.ts"
import type { Clock } from "../../system/clock.ts"

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
  /** It came when no idle connection could be closed for it, so its request is refused. */
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

type BodyLimits = LeastPace & { readonly mostBytes: number; readonly clock: Clock }

/** A whole body and its hash, or why there is none; `gone` when the sender went away. */
export type Body = { readonly bytes: Buffer; readonly sha256: string } | "too-large" | "too-slow" | "gone"

/** A body that is too long is read on up to this multiple of the limit: a sender that still writes seldom hears an answer. */
const READ_ON = 8

/**
 * Reads the body, as far and as slowly as the limits allow; what is too long is not kept. Listens rather than iterates:
 * leaving a loop over a request breaks its connection, and the sender would never hear why it is refused.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Body> {
  const { mostBytes } = limits
  const hash = createHash("sha256")
  let kept: Buffer[] = []
  let lengthBytes = 0
  return new Promise((resolve, reject) => {
    const end = (body: Body): void => {
      pace.stop()
      request.off("data", take)
      resolve(body)
    }
    const pace = watchPace(limits, { tooSlow: () => end("too-slow"), broken: reject })
    const take = (chunk: Buffer): void => {
      pace.moved(chunk.length)
      lengthBytes += chunk.length
      if (lengthBytes <= mostBytes) {
        hash.update(chunk)
        kept.push(chunk)
      } else if (lengthBytes <= READ_ON * mostBytes) kept = []
      else end("too-large")
    }
    request.on("data", take)
    request.once("end", () =>
      end(lengthBytes > mostBytes ? "too-large" : { bytes: Buffer.concat(kept), sha256: hash.digest("hex") }),
    )
    request.once("error", () => end("gone"))
    request.once("close", () => end("gone"))
  })
}

/** How many records each sender may still bring. */
export type Allowance = {
  /** Null when so many may come, and are counted; else the seconds after which they may. */
  take(address: string, records: number): number | null
}

const MINUTE_MS = 60_000

/** Senders that are remembered at once; those that brought nothing for a minute are forgotten first. */
const MOST_SENDERS = 10_000

type Account = { left: number; atMs: number }

/** Each sender may bring a minute's worth of records at once, and as many again every minute. */
export function createAllowance(recordsPerMinute: number, clock: Pick<Clock, "steadyMs">): Allowance {
  const accounts = new Map<string, Account>()
  const refilled = ({ left, atMs }: Account, nowMs: number): number =>
    Math.min(recordsPerMinute, left + ((nowMs - atMs) * recordsPerMinute) / MINUTE_MS)
  const forgetSome = (nowMs: number): void => {
    for (const [sender, account] of accounts) {
      if (accounts.size <= MOST_SENDERS / 2 && refilled(account, nowMs) < recordsPerMinute) return
      accounts.delete(sender)
    }
  }
  return {
    take: (address, records) => {
      const nowMs = clock.steadyMs()
      if (accounts.size >= MOST_SENDERS) forgetSome(nowMs)
      const sender = senderOf(address)
      const left = refilled(accounts.get(sender) ?? { left: recordsPerMinute, atMs: nowMs }, nowMs)
      const isTaken = records <= left
      accounts.delete(sender)
      accounts.set(sender, { left: isTaken ? left - records : left, atMs: nowMs })
      return isTaken ? null : Math.ceil(((Math.min(records, recordsPerMinute) - left) * 60) / recordsPerMinute) || 1
    },
  }
}

/** An IPv6 sender is known by its first 64 bits: a host usually owns all addresses behind them. */
export function senderOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address
  const [head = "", tail] = address.split("::")
  const before = head === "" ? [] : head.split(":")
  const after = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - before.length - after.length)).fill("0")
  return [...before, ...zeros, ...after].slice(0, 4).join(":")
}
