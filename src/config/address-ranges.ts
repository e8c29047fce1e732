import { BlockList, isIP } from "node:net"

/** Widest prefix of an address, bits. */
const BITS = { 4: 32, 6: 128 } as const

type Range = { readonly address: string; readonly bits: number; readonly family: "ipv4" | "ipv6" }

function rangeOf(text: string): Range | null {
  const [address = "", length, ...rest] = text.split("/")
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes("%")) return null
  const most = BITS[version as 4 | 6]
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return bits <= most ? { address, bits, family: version === 4 ? "ipv4" : "ipv6" } : null
}

/** An address, or a range of them in CIDR notation, of IPv4 or IPv6. */
export const isAddressRange = (text: string): boolean => rangeOf(text) !== null

/** Whether an address is in one of the ranges; an IPv4 address counts as itself where IPv6 carries it (::ffff:1.2.3.4). */
export function addressTest(texts: readonly string[]): (address: string) => boolean {
  const ranges = new BlockList()
  for (const text of texts) {
    const range = rangeOf(text)
    if (range === null) throw new Error(`addresses: ${text} is no range`)
    ranges.addSubnet(range.address, range.bits, range.family)
  }
  return (address) => {
    const plain = address.split("%")[0] ?? ""
    const version = isIP(plain)
    return version !== 0 && ranges.check(plain, version === 4 ? "ipv4" : "ipv6")
  }
}

let loopback: ((address: string) => boolean) | null = null

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true
  // Only what listens asks, and Node's patterns of addresses take 2 ms to compile.
  loopback ??= addressTest(["127.0.0.0/8", "::1"])
  return loopback(host)
}
