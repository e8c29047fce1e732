import { describe, expect, it } from "vitest"
import { currentSchemas } from "./codec.ts"
import { openFactReader } from "./reader.ts"
import { factBytes, proxyMade } from "./testing/facts.ts"

const ID = 7
const bytes = factBytes(proxyMade(), ID)
const schema = currentSchemas.get("proxy-made") ?? ""

describe("a consumer of another team", () => {
  it("reads a fact with types, under any topic prefix, asking for its schema once", async () => {
    let asked = 0
    const reader = openFactReader((id) => {
      asked += 1
      return Promise.resolve(id === ID ? schema : null)
    })
    expect(await reader.read("oiio.proxy-made", bytes)).toEqual({ ok: true, value: proxyMade() })
    expect(await reader.read("proxy-made", bytes)).toMatchObject({ ok: true })
    expect(asked).toBe(1)
  })

  it("is told apart what no reader will ever decode and what may be read later", async () => {
    const reader = openFactReader(() => Promise.reject(new Error("no route")))
    expect(await reader.read("oiio.proxy-made", Buffer.from("{}"))).toMatchObject({
      failure: { code: "log/undecodable" },
    })
    expect(await reader.read("oiio.proxy-made", bytes)).toMatchObject({ failure: { code: "registry/unreachable" } })
    expect(await reader.read("somebody.elses", bytes)).toMatchObject({ failure: { code: "log/undecodable" } })
  })

  it("asks again for a schema that was not there", async () => {
    let there = false
    const reader = openFactReader(() => Promise.resolve(there ? schema : null))
    expect(await reader.read("oiio.proxy-made", bytes)).toMatchObject({ failure: { code: "log/undecodable" } })
    there = true
    expect(await reader.read("oiio.proxy-made", bytes)).toMatchObject({ ok: true })
  })
})
