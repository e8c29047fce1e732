import { describe, expect, it } from "vitest"
import { addressTest, isAddressRange, isLoopback } from "./address-ranges.ts"

describe("ranges of addresses", () => {
  it.each(["10.0.0.0/8", "192.168.1.7", "::1", "2001:db8::/32", "fe80::1/64", "0.0.0.0/0"])("%s is one", (text) => {
    expect(isAddressRange(text)).toBe(true)
  })

  it.each([
    "",
    "10.0.0.0/33",
    "2001:db8::/129",
    "10.0.0/8",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "host",
    "fe80::1%eth0",
  ])("%j is none", (text) => {
    expect(isAddressRange(text)).toBe(false)
  })

  it("hold IPv4 and IPv6, and IPv4 in the clothes of IPv6", () => {
    const isIn = addressTest(["10.1.0.0/16", "2001:db8::/32", "192.168.7.9"])
    const inside = ["10.1.255.3", "::ffff:10.1.2.3", "2001:db8:1::5", "192.168.7.9", "::ffff:192.168.7.9"]
    const outside = ["10.2.0.1", "::ffff:10.2.0.1", "2001:db9::1", "192.168.7.10", "", "nonsense", "::1"]
    expect(inside.map(isIn)).toEqual(inside.map(() => true))
    expect(outside.map(isIn)).toEqual(outside.map(() => false))
  })

  it("tell the loopback from what others reach", () => {
    expect(["127.0.0.1", "127.8.8.8", "::1", "localhost", "::ffff:127.0.0.1"].map(isLoopback)).toEqual(
      Array(5).fill(true),
    )
    expect(["0.0.0.0", "::", "10.0.0.1", "intake", "localhost.example.com", ""].map(isLoopback)).toEqual(
      Array(6).fill(false),
    )
  })
})
