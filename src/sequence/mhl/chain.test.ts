import { describe, expect, it } from "vitest"
import { c4OfText, chainText, readChain } from "./chain.ts"
import { c4Of } from "./formats.ts"

/** C4 of nothing, as the reference implementation prints it. */
const OF_NOTHING = "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT"

const chain = (inside: string) =>
  Buffer.from(`<?xml version="1.0"?><ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">${inside}</ascmhldirectory>`)

const list = (generation: string, name: string, c4 = OF_NOTHING) =>
  `<hashlist sequencenr="${generation}"><path>${name}</path><c4>${c4}</c4></hashlist>`

describe("the chain of lists", () => {
  it("has the C4 ids of the reference implementation", () => {
    expect(c4OfText([])).toBe(OF_NOTHING)
    expect(c4OfText(["", ""])).toBe(OF_NOTHING)
    expect(c4OfText(["a", "bc"])).toBe(c4OfText(["abc"]))
    expect(c4Of("0")).toBe(`c4${"1".repeat(88)}`)
  })

  it("is written as the format wants it, and read as it was", () => {
    const links = [
      { name: "0001_a&b_2026-01-31_120005Z.mhl", c4: OF_NOTHING },
      { name: "0002_a&b_2026-02-01_120005Z.mhl", c4: c4OfText(["x"]) },
    ]
    expect(chainText(links.slice(0, 1))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">
  <hashlist sequencenr="1">
    <path>0001_a&amp;b_2026-01-31_120005Z.mhl</path>
    <c4>${OF_NOTHING}</c4>
  </hashlist>
</ascmhldirectory>
`)
    expect(readChain(Buffer.from(chainText(links)))).toEqual(links)
    expect(readChain(Buffer.from(chainText([])))).toEqual([])
  })

  it.each([
    ["no XML", Buffer.from("chain"), /no XML/],
    ["a document type", Buffer.from('<!DOCTYPE x [<!ENTITY e "e">]><ascmhldirectory/>'), /document type/],
    ["another document", Buffer.from("<hashlist/>"), /no chain/],
    ["a generation that is left out", chain(list("1", "a.mhl") + list("3", "c.mhl")), /no generation 2/],
    ["a generation twice", chain(list("1", "a.mhl") + list("1", "b.mhl")), /no generation 2/],
    ["no number", chain(list("first", "a.mhl")), /no generation 1/],
    ["a list elsewhere", chain(list("1", "../a.mhl")), /does not name generation 1/],
    ["a list below", chain(list("1", "old/a.mhl")), /does not name generation 1/],
    ["a C4 id that is none", chain(list("1", "a.mhl", "c4")), /does not name generation 1/],
    ["a list without a name", chain('<hashlist sequencenr="1"/>'), /does not name generation 1/],
  ])("is refused: %s", (_, bytes, says) => {
    expect(readChain(bytes)).toEqual({ problem: expect.stringMatching(says) })
  })
})
