import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cleanFrames, hashText } from "../testing/frames.ts"
import { compareHashList, type KnownFile } from "./compare.ts"
import { LIST_LIMITS, type Listed, type ListLimits, readHashList } from "./read.ts"
import { type HashedFile, hashListName, hashListText } from "./write.ts"

const AT_MS = Date.UTC(2026, 0, 31, 12, 0, 5)
const ORIGIN = { atMs: AT_MS, hostname: "farm <1>", toolVersion: "3.0.0" }

const hashedFile = (path: string, frame: number): HashedFile => ({
  ...{ path, sizeBytes: 1000 + Math.abs(frame), lastModifiedMs: AT_MS, hashedAtMs: AT_MS },
  contentHash: hashText(frame),
})

const pathOf = (frame: number): string => `beauty.${String(frame).padStart(4, "0")}.exr`

const written = (files: readonly HashedFile[], unlisted: string[] = []): string =>
  [...hashListText(files, ORIGIN, unlisted)].join("")

/** The bytes of a text in chunks of a size, which cut through its characters. */
async function* chunksOf(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string | Uint8Array, limits: ListLimits = LIST_LIMITS, size = 1 << 20): Promise<Listed[]> {
  const all: Listed[] = []
  for await (const listed of readHashList(chunksOf(text, size), limits)) all.push(listed)
  return all
}

const listWith = (hashes: string): string =>
  `<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><hashes>${hashes}</hashes></hashlist>`

const entry = (path: string, hash = `<xxh128>${hashText(1)}</xxh128>`, size = "7"): string =>
  listWith(`<hash><path size="${size}">${path}</path>${hash}</hash>`)

const says = async (text: string | Uint8Array, limits?: ListLimits): Promise<string[]> =>
  (await read(text, limits)).map((listed) => (listed.kind === "file" ? `file ${listed.path}` : listed.says))

/** Written by the reference implementation, ascmhl 1.2: `ascmhl create -h xxh128`. */
const OF_REFERENCE = `<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>2026-11-28T16:23:53+00:00</creationdate>
    <hostname>vm</hostname>
    <tool version="1.2">ascmhl</tool>
  </creatorinfo>
  <processinfo>
    <process>in-place</process>
    <roothash>
      <content>
        <xxh128 hashdate="2026-11-28T16:23:53.778102+00:00">21c25317cde5e94cab372b9014186162</xxh128>
      </content>
      <structure>
        <xxh128 hashdate="2026-11-28T16:23:53.778102+00:00">c177e227710a1ddb41d9143f92d41546</xxh128>
      </structure>
    </roothash>
    <ignore>
      <pattern>.DS_Store</pattern>
    </ignore>
  </processinfo>
  <hashes>
    <directoryhash>
      <path lastmodificationdate="2026-11-28T16:23:37+00:00">sub</path>
      <content>
        <xxh128 hashdate="2026-11-28T16:23:53.777815+00:00">baf161ab199af827f04cbfc85a633e19</xxh128>
      </content>
      <structure>
        <xxh128 hashdate="2026-11-28T16:23:53.777815+00:00">ac0e25a2829332f62fabc7dc61f63e6e</xxh128>
      </structure>
    </directoryhash>
    <hash>
      <path size="7" lastmodificationdate="2026-11-28T16:23:37+00:00">a.0001.exr</path>
      <xxh128 action="original" hashdate="2026-11-28T16:23:53.777906+00:00">ada2f51b340d17253ae8cc800583d70d</xxh128>
    </hash>
    <hash>
      <path size="7" lastmodificationdate="2026-11-28T16:23:37+00:00">a.0002.exr</path>
      <xxh128 action="failed" hashdate="2026-11-28T16:23:53.777989+00:00">6877808583df2e89a92eff4a2ee710a5</xxh128>
    </hash>
  </hashes>
</hashlist>
`

describe("a list", () => {
  const paths = fc.stringMatching(/^[A-Za-z0-9 &<>"'é東🎬_.-]{1,20}\.exr$/u)
  it("that was written is read as it was, in chunks of any size", async () => {
    const files = fc.uniqueArray(paths, { maxLength: 12 }).map((all) => all.map((path, at) => hashedFile(path, at)))
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 300 }), async (list, size) => {
        const found = await read(written(list), LIST_LIMITS, size)
        const expected = list.map(({ path, sizeBytes, contentHash }) => ({
          ...{ kind: "file", path, sizeBytes, isFailed: false },
          hashes: new Map([["xxh128", contentHash]]),
        }))
        expect(found).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  it("of the reference implementation gives its files, not its directories, and which of them failed", async () => {
    const hashes = (hash: string) => new Map([["xxh128", hash]])
    expect(await read(OF_REFERENCE)).toEqual([
      {
        ...{ kind: "file", path: "a.0001.exr", sizeBytes: 7, isFailed: false },
        hashes: hashes("ada2f51b340d17253ae8cc800583d70d"),
      },
      {
        ...{ kind: "file", path: "a.0002.exr", sizeBytes: 7, isFailed: true },
        hashes: hashes("6877808583df2e89a92eff4a2ee710a5"),
      },
    ])
  })

  it("is written as the format wants it", () => {
    expect(written([hashedFile("a & b.0001.exr", 1)])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <creatorinfo>
    <creationdate>2026-01-31T12:00:05+00:00</creationdate>
    <hostname>farm &lt;1&gt;</hostname>
    <tool version="3.0.0">oiio-proxy-generator</tool>
  </creatorinfo>
  <processinfo>
    <process>in-place</process>
    <ignore>
      <pattern>.DS_Store</pattern>
      <pattern>ascmhl</pattern>
      <pattern>ascmhl/</pattern>
      <pattern>.proxies/</pattern>
    </ignore>
  </processinfo>
  <hashes>
    <hash>
      <path size="1001" lastmodificationdate="2026-01-31T12:00:05+00:00">a &amp; b.0001.exr</path>
      <xxh128 action="original" hashdate="2026-01-31T12:00:05+00:00">${hashText(1)}</xxh128>
    </hash>
  </hashes>
</hashlist>
`)
    expect(written([])).not.toContain("<hashes>")
    const odd = hashListText([], { ...ORIGIN, hostname: "a\u0000\ud800<", toolVersion: '"' }, [])
    expect([...odd].join("")).toContain('<hostname>a\ufffd\ufffd&lt;</hostname>\n    <tool version="&quot;">')
  })

  it("leaves out paths that none can hold, and says which", () => {
    const unlisted: string[] = []
    const bad = ["a\u0001.exr", "../a.exr", "/a.exr", "a\\b.exr", "a//b.exr", "half\ud800.exr", "\uffff.exr"]
    const text = written([...bad.map((path) => hashedFile(path, 1)), hashedFile("a.exr", 2)], unlisted)
    expect(unlisted).toEqual(bad)
    expect(text.match(/<hash>/g)).toHaveLength(1)
  })

  it("is named as the reference implementation names it", () => {
    expect(hashListName(1, "shot", AT_MS)).toBe("0001_shot_2026-01-31_120005Z.mhl")
  })
})

describe("a hostile list", () => {
  it.each([
    ["../up.exr", /leads out of its folder/],
    ["a/../../up.exr", /leads out of its folder/],
    ["./a.exr", /leads out of its folder/],
    ["/etc/a.exr", /not relative/],
    ["C:/a.exr", /not relative/],
    ["..\\up.exr", /not relative/],
    ["a&#9;.exr", /control characters/],
    ["", /is empty/],
    ["a".repeat(5000), /is empty, or longer/],
  ])("has a path that is left out, and named: %.20s", async (path, why) => {
    const found = await read(entry(path))
    expect(found).toEqual([{ kind: "lie", says: expect.stringMatching(why) }])
  })

  it("has sizes and hashes that are none", async () => {
    expect(await says(entry("a.exr", "", "-1"))).toEqual(['"a.exr" has the size "-1".'])
    expect(await says(entry("a.exr", "", "1e3"))).toEqual(['"a.exr" has the size "1e3".'])
    expect(await says(entry("a.exr", "<xxh128>abc</xxh128>"))).toEqual(['"a.exr" has no xxh128 but "abc".'])
    expect(await says(entry("a.exr", "<c4>c4short</c4>"))).toEqual(['"a.exr" has no c4 but "c4short".'])
    const two = `<md5>${"0".repeat(32)}</md5><md5>${"1".repeat(32)}</md5>`
    expect(await says(entry("a.exr", two))).toEqual(['"a.exr" has two hashes of one kind that differ.'])
    // ASC MHL 2.0 has no element for it.
    expect(await says(entry("a.exr", "<sha256>lies</sha256>"))).toEqual(["file a.exr"])
  })

  it.each([
    ["nothing at all", "", /is no XML/],
    ["no XML", "frame 1 is fine", /is no XML/],
    ["a list that breaks off", OF_REFERENCE.slice(0, -40), /is no XML/],
    ["an entity of its own", `<!DOCTYPE x [<!ENTITY e "e">]>${listWith("&e;")}`, /document type/],
    ["a list of version 1.1", '<hashlist version="1.1"/>', /no list of ASC MHL 2.0/],
    ["a list of version 3", '<hashlist version="3.0" xmlns="urn:ASC:MHL:v2.0"/>', /version 3.0/],
    ["another document", "<html/>", /no list of ASC MHL 2.0/],
    ["nested elements without end", listWith("<a>".repeat(100)), /deeply nested/],
    ["a text without end", listWith(`<comment>${"x".repeat(3_000_000)}</comment>`), /longer than a list's/],
    ["an attribute without end", listWith(`<comment a="${"x".repeat(3_000_000)}"/>`), /longer than a list's/],
  ])("is refused: %s", async (_, text, why) => {
    const found = await says(text)
    expect(found.at(-1)).toMatch(why)
  })

  it("is refused where it is no UTF-8, is larger than the limit, or lists too many files", async () => {
    expect(await says(Buffer.from([0xff, 0xfe, 0x3c, 0]))).toEqual(["is not text in UTF-8"])
    expect(await says(Buffer.concat([Buffer.from(OF_REFERENCE), Buffer.from([0xe6])]))).toContain(
      "is not text in UTF-8",
    )
    const many = written(Array.from({ length: 200 }, (_, at) => hashedFile(pathOf(at), at)))
    expect(await says(many, { ...LIST_LIMITS, mostBytes: 1000 })).toEqual(["is larger than 1000 bytes"])
    const told = await says(many, { ...LIST_LIMITS, mostFiles: 150 })
    expect(told.at(-1)).toBe("lists more than 150 files")
  })

  it("ends with a sentence, whatever of it is torn, and never otherwise", async () => {
    const good = written(cleanFrames(1, 3).map(({ frame }) => hashedFile(pathOf(frame), frame)))
    const torn = fc.tuple(fc.nat(good.length), fc.nat(60), fc.string({ maxLength: 20, unit: "binary" }))
    await fc.assert(
      fc.asyncProperty(torn, async ([at, cut, put]) => {
        for (const listed of await read(good.slice(0, at) + put + good.slice(at + cut)))
          expect(["file", "lie", "problem"]).toContain(listed.kind)
      }),
    )
  })
})

describe("a list beside a sequence", () => {
  const SEQUENCE = { folder: "", head: "beauty.", tail: ".exr" }
  const known = (frames: readonly number[]) =>
    new Map(
      frames.map((frame): [string, KnownFile] => {
        const { sizeBytes, contentHash } = hashedFile("", frame)
        return [pathOf(frame), { frame, sizeBytes, contentHash }]
      }),
    )
  const frames = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at)
  const compare = (text: string, files: ReadonlyMap<string, KnownFile>, sequence = SEQUENCE) =>
    compareHashList(readHashList(chunksOf(text, 1 << 16)), sequence, files, 100)

  it("agrees with what it was made of", async () => {
    const list = written(frames(1001, 50).map((frame) => hashedFile(pathOf(frame), frame)))
    const found = await compare(list, known(frames(1001, 50)))
    expect(found.same).toEqual({ count: 50, ranges: "1001-1050", more: 0 })
    const none = { count: 0, ranges: "", more: 0 }
    expect(found).toMatchObject({ differing: none, absent: none, unlisted: none, uncompared: none, problem: null })
  })

  it("names frames whose bytes or sizes differ, that are gone, new, unhashed, or failed then", async () => {
    const list = written([
      ...frames(1001, 10).map((frame) => hashedFile(pathOf(frame), frame)),
      { ...hashedFile(pathOf(1011), 1011), contentHash: hashText(5) },
      { ...hashedFile(pathOf(1012), 1012), sizeBytes: 3 },
      hashedFile("other.1013.exr", 1013),
      hashedFile("sub/beauty.1014.exr", 1014),
    ]).replace('action="original"', 'action="failed"')
    const files = known(frames(1003, 12))
    files.set(pathOf(1005), { frame: 1005, sizeBytes: 2005, contentHash: null })
    expect(await compare(list, files)).toMatchObject({
      absent: { ranges: "1001-1002" },
      same: { ranges: "1003-1004,1006-1010" },
      unhashed: { ranges: "1005" },
      differing: { ranges: "1011-1012" },
      unlisted: { ranges: "1013-1014" },
      failedThen: { ranges: "1001" },
      listed: { ranges: "1001-1012" },
    })
  })

  it("has hashes of other kinds alone: those of the frames are named, and the kinds", async () => {
    const list = written([1001, 1002, 1003].map((frame) => hashedFile(pathOf(frame), frame)))
    const others = list.replace(/<xxh128 ([^>]*)>(\w+)<\/xxh128>/, "<md5 $1>$2</md5>")
    const found = await compare(others, known([1001, 1002, 1003]))
    expect(found).toMatchObject({ uncompared: { ranges: "1001" }, kinds: ["md5"], unhashed: { count: 0 } })
  })

  it("that is of a folder above names the sequence's folder", async () => {
    const list = written([hashedFile("sh010/beauty.1001.exr", 1001), hashedFile("sh020/beauty.1002.exr", 1002)])
    const files = new Map([["sh010/beauty.1001.exr", { frame: 1001, sizeBytes: 2001, contentHash: hashText(1001) }]])
    const found = await compare(list, files, { ...SEQUENCE, folder: "sh010/" })
    expect(found).toMatchObject({ same: { ranges: "1001" }, listed: { ranges: "1001" }, unlisted: { count: 0 } })
  })

  it("that lists a frame twice with other bytes does not pass for the better one", async () => {
    const twice = [hashedFile(pathOf(1001), 1001), { ...hashedFile(pathOf(1001), 1001), contentHash: hashText(9) }]
    for (const list of [twice, twice.toReversed()])
      expect(await compare(written(list), known([1001]))).toMatchObject({
        differing: { ranges: "1001" },
        same: { count: 0 },
      })
  })

  it("counts lies beyond those that it names, and tells that it broke off", async () => {
    const lies = Array.from({ length: 30 }, () => "<hash><path>../x</path></hash>").join("")
    const found = await compare(listWith(lies).slice(0, -20), known([1001]))
    expect(found).toMatchObject({ lieCount: 30, problem: expect.stringMatching(/no XML/), unlisted: { count: 1 } })
    expect(found.lies).toHaveLength(20)
  })
})
