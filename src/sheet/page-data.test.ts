import { describe, expect, it } from "vitest"
import { sheetHtml } from "./html.ts"
import { csvText, pathsText } from "./list.ts"
import { sheetOfText, textOfSheet } from "./page-data.ts"
import { readPageParts } from "./page-parts.ts"
import { failedFrame, frame, sheet, shot } from "./testing/sheets.ts"
import { tilesOf } from "./tiles.ts"

const HOSTILE = `</script><script>alert(1)</script><!--"' onload=x\n&amp;\u202e\u001b[2J<img src=x onerror=alert(2)>`
const PARTS = { script: "const page = 1", style: "body { margin: 0 }" }

describe("the data of a page", () => {
  it("is read back as it was, whatever its names are", () => {
    const hostile = sheet({
      title: HOSTILE,
      shots: [shot({ name: HOSTILE, findings: [[HOSTILE, "1001"]] }), shot()],
      frames: [frame({ name: HOSTILE, warnings: [HOSTILE] }), frame(), frame()],
      failures: [failedFrame({ says: HOSTILE })],
    })
    expect(sheetOfText(textOfSheet(hostile))).toEqual(hostile)
    expect(sheetOfText(textOfSheet(sheet({ shots: [], frames: [], failures: [] })))).toMatchObject({
      shots: [],
      frames: [],
    })
  })

  it("takes 150 bytes a frame where frames have most of their words in common", () => {
    const frames = Array.from({ length: 1000 }, (_, at) =>
      frame({ name: `grey.${at}.exr`, number: at, shot: 0, thumbnail: null, proxy: null }),
    )
    expect(textOfSheet(sheet({ frames })).length).toBeLessThan(150_000)
  })
})

describe("the page", () => {
  const page = sheetHtml(sheet({ title: HOSTILE, frames: [frame({ name: HOSTILE })] }), PARTS)

  it("holds no markup of any name", () => {
    expect(page.match(/<\/?script/g)).toHaveLength(4)
    for (const raw of ["<img", "<!--", "\u001b", "\u202e"]) expect(page).not.toContain(raw)
  })

  it("lets nothing run or load but its own script, its style and its pictures", () => {
    const [, policy = ""] = /content="(default-src[^"]*)"/.exec(page) ?? []
    expect(policy.replaceAll("&#39;", "'").split("; ")).toEqual([
      "default-src 'none'",
      "img-src 'self' file:",
      "media-src 'self' file:",
      "style-src 'sha256-mX+s7KJgWpgxJola85xdpAFPBQaV091gzM2oPjgTW2w='",
      "script-src 'sha256-dd2+lq/EWWkGfHyaavQJX1SAzxP+uJNsCQBy1tVCNAE='",
      "base-uri 'none'",
      "form-action 'none'",
    ])
  })

  it("names the servers that its pictures come from, and no others", () => {
    const signed = sheet({ shots: [shot({ movie: "https://s3.example:9000/renders/a.mp4?X-Amz-Signature=1" })] })
    expect(sheetHtml(signed, PARTS)).toContain("media-src https://s3.example:9000 &#39;self&#39; file:;")
  })

  it("loads nothing from anywhere where all is inside it, or nothing is shown", () => {
    const inside = sheet({ shots: [], frames: [frame({ thumbnail: "data:image/jpeg;base64,AA==", proxy: null })] })
    expect(sheetHtml(inside, PARTS)).toContain("img-src data:; media-src data:;")
    expect(sheetHtml(sheet({ shots: [], frames: [] }), PARTS)).toContain("img-src &#39;none&#39;;")
  })

  it("has a script that ends no element it stands in", () => {
    const parts = readPageParts()
    expect(parts.ok && parts.value.script).toMatch(/^\/\* Preact \S+ \(MIT\)/)
    expect(parts.ok && /<\/script|<!--/i.test(parts.value.script)).toBe(false)
    expect(parts.ok && /<\/style/i.test(parts.value.style)).toBe(false)
  })

  it("says how to build it where it was not built", () => {
    const missing = readPageParts(new URL("file:///nonexistent/"))
    expect(missing).toMatchObject({
      ok: false,
      failure: { code: "tool/missing", says: expect.stringContaining("make setup") },
    })
  })
})

describe("a list of tiles", () => {
  const tiles = tilesOf(sheet({ frames: [frame({ name: '=SUM(A1),"x"\n.exr' })] }))

  it("is paths that other programs read: in a folder, in buckets, or as keys", () => {
    expect(pathsText(tiles, sheet()).split("\n")[0]).toBe("/srv/show/sh010/comp_v001/sh010_comp_v001.#.exr")
    expect(pathsText(tiles, { pathStart: "s3://" }).split("\n")[0]).toBe(
      "s3://show/sh010/comp_v001/sh010_comp_v001.#.exr",
    )
    expect(pathsText(tiles, { pathStart: "" }).split("\n")[0]).toBe("sh010/comp_v001/sh010_comp_v001.#.exr")
  })

  it("is CSV that no spreadsheet takes for formulas", () => {
    const [titles, first, second] = csvText(tiles).split("\r\n")
    expect(titles).toBe("kind,bucket,key,frames,made,missing,failed,warnings,code,timecode")
    expect(first).toBe("shot,show,sh010/comp_v001/sh010_comp_v001.#.exr,16,1001-1016,,,,,00:00:41:17")
    expect(second).toBe('frame,show,"plates/=SUM(A1),""x""\n.exr",1,,,,,,')
    expect(csvText(tilesOf(sheet({ shots: [shot({ folder: "", name: "=x.#.exr", made: "-5--1" })] })))).toContain(
      "shot,show,'=x.#.exr,5,-5--1,",
    )
  })
})
