import { mkdtemp } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Result } from "../../events/result.ts"
import type { PictureEngine } from "../index.ts"
import type { Rendered } from "../model.ts"
import { patternArgs } from "../testing/pattern.ts"
import { openInProcessEngine } from "./in-process/engine.ts"
import { openOiiotoolEngine } from "./oiiotool/engine.ts"
import { brokenTool, realTool } from "./testing/broken-tool.ts"
import { type EngineFixture, openEngineFixture, SMALL } from "./testing/engine-fixture.ts"
import { SETTINGS } from "./testing/readings.ts"

const DEEP = ["--ch", "R,G,B,A=1.0,Z=1.0", "--deepen"]
const named = (name: string): readonly string[] => ["--sattrib", "oiio:subimagename", name]
const BLACK = ["--pattern", "constant:color=0,0,0", "64x64", "3"]

/** Files by the way that they take, and how each is written of a picture. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  "zip.exr": ["-d", "half", "--compression", "zip"],
  "tiled.exr": ["-d", "half", "--tile", "16", "16"],
  "dwaa.exr": ["-d", "half", "--compression", "dwaa"],
  "pxr24.exr": ["-d", "half", "--compression", "pxr24"],
  "layer.exr": ["-d", "half", "--compression", "b44", "--chnames", "hero.R,hero.G,hero.B"],
  "deep.exr": DEEP,
  "ten.dpx": ["-d", "uint10"],
  "eight.tif": ["-d", "uint8"],
  "sixteen.tif": ["-d", "uint16", "--compression", "zip"],
}

/** Multiplies every picture by zero as soon as it is read, and says nothing. */
const ZEROS = `for a do shift; case "$a" in
  --flatten) set -- "$@" "$a" --mulc 0 ;;
  --selectmip) set -- "$@" --mulc 0 "$a" ;;
  *) set -- "$@" "$a" ;;
esac; done`

let fixture: EngineFixture
/** Each opened once: opening one asks both tools what they are. */
let engines: Readonly<
  Record<"oiiotool" | "inProcess" | "zerosByOiiotool" | "zerosConverted" | "zerosInProcess", PictureEngine>
>
beforeAll(async () => {
  fixture = await openEngineFixture("oiiotool")
  const zerosTool = await brokenTool(fixture.folder, "oiiotool", `${ZEROS}\nexec '${await realTool("oiiotool")}' "$@"`)
  const renderEntry = new URL("testing/zeros-process.ts", import.meta.url)
  engines = {
    oiiotool: fixture.engine,
    inProcess: opened(await openInProcessEngine({ processes: 1 })),
    zerosByOiiotool: opened(await openOiiotoolEngine({ oiiotool: zerosTool })),
    zerosConverted: opened(await openInProcessEngine({ processes: 1, oiiotool: zerosTool, nativeLibrary: null })),
    zerosInProcess: opened(await openInProcessEngine({ processes: 1, renderEntry })),
  }
  for (const [file, how] of Object.entries(KINDS)) {
    await fixture.oiiotool(...patternArgs(), ...how, "-o", file)
    await fixture.oiiotool(...BLACK, ...how, "-o", `black-${file}`)
  }
  const left = [...patternArgs(), ...DEEP, ...named("rgba.left")]
  const right = [...patternArgs(), ...DEEP, ...named("rgba.right")]
  await fixture.oiiotool(...left, ...right, "--siappend", "-o", "deep-parts.exr")
})
afterAll(() => fixture.close())

function opened(engine: Result<PictureEngine>): PictureEngine {
  if (!engine.ok) throw new Error(engine.failure.says)
  return engine.value
}

async function made(engine: PictureEngine, file: string): Promise<Result<Rendered>> {
  const sourceFile = join(fixture.folder, file)
  const read = await engine.read({ sourceFile, key: file, statedSpace: null, colour: SETTINGS.colour })
  if (!read.ok) return read
  return engine.render({
    sourceFile,
    reading: read.value,
    settings: SMALL,
    folder: await mkdtemp(join(fixture.folder, "job-")),
    signal: new AbortController().signal,
  })
}

const codeOf = (result: Result<Rendered>): string => (result.ok ? "published" : result.failure.code)

describe("a decoder that returns zeros raises the alarm", () => {
  it.each([...Object.keys(KINDS), "deep-parts.exr"])("in the engine on oiiotool, for %s", async (file) => {
    expect(codeOf(await made(engines.zerosByOiiotool, file))).toBe("picture/silently-black")
  })

  const converted = ["dwaa.exr", "pxr24.exr", "layer.exr", "deep.exr", "deep-parts.exr", "eight.tif", "sixteen.tif"]
  it.each(converted)("in the in-process engine where oiiotool decodes, for %s", async (file) => {
    expect(codeOf(await made(engines.zerosConverted, file))).toBe("picture/silently-black")
  })

  it.each(Object.keys(KINDS).filter((file) => file !== "deep.exr"))(
    "in the in-process engine where it decodes itself, for %s",
    async (file) => {
      expect(codeOf(await made(engines.zerosInProcess, file))).toBe("picture/silently-black")
    },
  )
})

describe("a black source is published as black, and nothing is remarked", () => {
  it.each(Object.keys(KINDS))("%s", async (file) => {
    for (const engine of [engines.oiiotool, engines.inProcess]) {
      const result = await made(engine, `black-${file}`)
      expect(result).toMatchObject({ ok: true, value: { allBlack: true, warnings: [] } })
    }
  })

  it("with a remark where no second decoder reads its kind", async () => {
    await fixture.oiiotool(...BLACK, "-d", "uint8", "--tile", "16", "16", "-o", "tiles.tif")
    const result = await made(engines.zerosConverted, "tiles.tif")
    expect(result).toMatchObject({ ok: true, value: { warnings: [expect.stringContaining("no second decoder")] } })
    expect(await made(engines.inProcess, "tiles.tif")).toMatchObject({ ok: true, value: { warnings: [] } })
  })
})
