import { describe, expect, it } from "vitest"
import { eventReader } from "./event-stream.ts"

const STREAM = `: hello\n\nid: 0-1\nevent: proxy-made\ndata: {"a":\ndata: 1}\n\nid: 0-2\r\nevent: movie-made\r\ndata: {}\r\n\r\n`

describe("server-sent events", () => {
  it("are read with their ids and names, their lines of data put together", () => {
    expect(eventReader()(STREAM)).toEqual([
      { id: "0-1", name: "proxy-made", data: '{"a":\n1}' },
      { id: "0-2", name: "movie-made", data: "{}" },
    ])
  })

  it("are the same however a connection cuts them", () => {
    const whole = eventReader()(STREAM)
    const read = eventReader()
    expect(STREAM.split("").flatMap((letter) => read(letter))).toEqual(whole)
  })

  it("are none where there is no data: what keeps a connection open says nothing", () => {
    expect(eventReader()(": still there\n\nretry: 5000\n\n")).toEqual([])
  })
})
