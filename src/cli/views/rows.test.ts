import { Writable } from "node:stream"
import { describe, expect, it } from "vitest"
import { done, failed, failure, type Result } from "../../events/result.ts"
import { visible } from "../../system/visible.ts"
import { PROXY_OUTPUT_COLUMNS, type ProxyOutputRow } from "../../table/rows.ts"
import { writeOutputs } from "../commands/outputs.ts"
import { recorded } from "../testing/console.ts"
import { counted, humanBytes, humanDuration } from "./human.ts"
import type { RowFormat } from "./rows.ts"

/** Rows at hand in the form that {@link writeRows} takes. */
async function* each<R>(rows: readonly R[]): AsyncGenerator<Result<R>> {
  for (const row of rows) yield done(row)
}

const row = (key: string): ProxyOutputRow => ({
  proxy_id: "df7de168-08b3-5940-beda-8de4a1345902",
  file_id: "c569308e3b01f778",
  s3_key: key,
  s3_bucket: "bucket",
  asset_id: "3c6e1c31ae45e0f1",
  thumbnail_s3_key: "renders/.proxies/beauty.0001_thumb.jpg",
  proxy_s3_key: "renders/.proxies/beauty.0001_proxy.mp4",
  thumbnail_size_bytes: 14213,
  proxy_size_bytes: 96121,
  source_size_bytes: 52428800,
  source_colorspace: "lin_rec709",
  thumb_colorspace: "sRGB",
  proxy_colorspace: "Rec709",
  thumb_resolution: "256x256",
  proxy_resolution: "1920x1080",
  processing_time_seconds: 1.5,
  generated_timestamp: "2026-04-01T00:00:09.412345+00:00",
  generator_version: "3.0.0",
})

async function written(
  rows: AsyncIterable<Result<ProxyOutputRow>>,
  format: RowFormat,
  closed = new AbortController().signal,
) {
  const stdout = recorded()
  const result = await writeOutputs(rows, format, { stdout, stderr: recorded(), closed })
  return { result, text: stdout.text(), lines: stdout.text().split("\n").slice(0, -1) }
}

describe("outputs", () => {
  it("as JSON lines are the 18 columns in order, a row a line", async () => {
    const { lines } = await written(each([row("a.exr"), row("b\n.exr")]), "json")
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([PROXY_OUTPUT_COLUMNS, PROXY_OUTPUT_COLUMNS])
    expect(lines.map((line) => JSON.parse(line).s3_key)).toEqual(["a.exr", "b\n.exr"])
  })

  it("as CSV have the header once, quotes where names need them, and numbers as numbers", async () => {
    const { lines } = await written(each([row('say "hi", now.exr')]), "csv")
    expect(lines[0]).toBe(PROXY_OUTPUT_COLUMNS.join(","))
    expect(lines[1]).toContain(',"say ""hi"", now.exr",bucket,')
    expect(lines[1]).toContain(",14213,96121,52428800,")
  })

  it("as CSV keep their header when there are no rows, and one header over many portions", async () => {
    expect((await written(each([]), "csv")).lines).toEqual([PROXY_OUTPUT_COLUMNS.join(",")])
    const many = Array.from({ length: 1201 }, (_, index) => row(`${index}.exr`))
    const { lines, result } = await written(each(many), "csv")
    expect(lines.filter((line) => line.startsWith("proxy_id"))).toHaveLength(1)
    expect(lines).toHaveLength(1202)
    expect(result).toEqual(done(1201))
  })

  it.each(["=1+1", "+1", "-2", "@SUM(A1)", "\tx", "\nx", "\uff1d1"])(
    "as CSV hold no formula for a spreadsheet: %j",
    async (key) => {
      const { text } = await written(each([{ ...row(key), processing_time_seconds: -1.5 }]), "csv")
      expect(text).toContain(`'${key}`)
      expect(text).toContain(",-1.5,")
      const json = await written(each([row(key)]), "json")
      expect(JSON.parse(json.text).s3_key).toBe(key)
    },
  )

  it("as JSON hold exact values, and nothing raw that a terminal obeys", async () => {
    const key = "a\u001b[2J\u009b31m\u202e\u061c\u2028\n\u007f\ud83c\udfac.exr"
    const { lines } = await written(each([row(key)]), "json")
    expect(JSON.parse(lines[0] ?? "").s3_key).toBe(key)
    expect(visible(lines[0] ?? "")).toBe(lines[0])
  })

  it("as CSV are data in a pipe, but for what a terminal behind it would obey, and spelled out on a terminal", async () => {
    const [pipe, screen] = [recorded(), recorded({ columns: 80 })]
    for (const stdout of [pipe, screen])
      await writeOutputs(each([row("\r\u001b[2J\u202e \u200c\n\t.exr")]), "csv", {
        stdout,
        stderr: recorded(),
        closed: new AbortController().signal,
      })
    expect(pipe.text()).toContain(`,"'\\r\\u001b[2J\\u202e \u200c\n\t.exr",`)
    expect(screen.text()).toContain(",'\\r\\u001b[2J\\u202e \\u200c\\n\\t.exr,")
  })

  it("as a table line up for reading and cannot be forged by a name", async () => {
    const { lines } = await written(each([row("a.exr"), row("\u001b[31mred\n.exr")]), "table")
    expect(lines[0]).toMatch(/^bucket +key +colour space +source +thumbnail +proxy +seconds +made$/)
    expect(lines[1]).toMatch(
      /^bucket +a\.exr +lin_rec709 +50\.0 MiB +13\.9 KiB +93\.9 KiB +1\.50 +2026-04-01 00:00:09$/,
    )
    expect(lines[2]).toContain("\\u001b[31mred\\n.exr")
    expect(lines).toHaveLength(3)
  })

  it("end with the failure of the rows, after the rows before it", async () => {
    async function* broken(): AsyncGenerator<Result<ProxyOutputRow>> {
      yield done(row("a.exr"))
      yield failed(failure("table/unreachable", "The table is gone."))
    }
    const { result, lines } = await written(broken(), "json")
    expect(lines).toHaveLength(1)
    expect(result).toMatchObject({ ok: false, failure: { code: "table/unreachable" } })
  })

  it("are taken from the table no faster than they are read", async () => {
    let asked = 0
    const room = Promise.withResolvers<void>()
    const isFull = Promise.withResolvers<void>()
    async function* many(): AsyncGenerator<Result<ProxyOutputRow>> {
      for (; asked < 20_000; asked += 1) yield done(row(`${asked}.exr`))
    }
    const stdout = new Writable({
      write: (_, __, taken) => {
        isFull.resolve()
        room.promise.then(() => taken())
      },
    })
    const writing = writeOutputs(many(), "json", { stdout, stderr: recorded(), closed: new AbortController().signal })
    await isFull.promise
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
    expect(asked).toBeLessThan(1000)
    room.resolve()
    expect(await writing).toEqual(done(20_000))
  })

  it("stop when nobody reads any more", async () => {
    const { result } = await written(each([row("a.exr")]), "json", AbortSignal.abort())
    expect(result).toEqual(done(0))
  })
})

describe("words for people", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [52428800, "50.0 MiB"],
    [2 ** 62, "4096.0 PiB"],
  ])("say %d bytes as %s", (bytes, text) => {
    expect(humanBytes(bytes)).toBe(text)
  })

  it.each([
    [850, "850 ms"],
    [4200, "4.2 s"],
    [59_960, "1:00"],
    [75_000, "1:15"],
    [3_723_000, "1:02:03"],
  ])("say %d ms as %s", (ms, text) => {
    expect(humanDuration(ms)).toBe(text)
  })

  it("count", () => {
    expect([counted(1, "frame"), counted(1200, "frame"), counted(2, "entry", "entries")]).toEqual([
      "1 frame",
      "1,200 frames",
      "2 entries",
    ])
  })

  it("spell out what would move the cursor or turn the text, and leave every script alone", () => {
    expect(visible("a\nb\t\u001b[2J\u202eexe\u2028\u0085")).toBe("a\\nb\\t\\u001b[2J\\u202eexe\\u2028\\u0085")
    expect(visible("\u200b\ufeff\u{e0041}\ud800")).toBe("\\u200b\\ufeff\\udb40\\udc41\\ud800")
    expect(visible("été 東京 עברית 🎬")).toBe("été 東京 עברית 🎬")
  })
})
