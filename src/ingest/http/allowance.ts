import { isIPv6 } from "node:net"
import type { Clock } from "../../system/clock.ts"

/** How many records each sender may still bring. */
export type Allowance = {
  /** Null when so many may come, and are counted; else the seconds after which they may. */
  take(address: string, records: number): number | null
}

const MINUTE_MS = 60_000

/** Senders remembered at once; whoever brought nothing for a minute is forgotten first. */
const MOST_SENDERS = 10_000

type Account = { left: number; atMs: number }

/** A minute's worth at once, and as much again every minute. */
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

/** Whoever has one address of IPv6 mostly has the 64 bits behind it, too. */
export function senderOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address
  const [head = "", tail] = address.split("::")
  const before = head === "" ? [] : head.split(":")
  const after = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - before.length - after.length)).fill("0")
  return [...before, ...zeros, ...after].slice(0, 4).join(":")
}
