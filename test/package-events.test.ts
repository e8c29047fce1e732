import { execFile } from "node:child_process"
import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { nodeRelease, OLDEST_FOR_EVENTS } from "../scripts/release/npm.ts"
import { projectWith, readEvents, readWell } from "../scripts/release/trials.ts"
import { CHECKOUT, packed } from "./machine/npm.ts"

const exec = promisify(execFile)

const home = realpathSync(mkdtempSync(join(tmpdir(), "package-events-")))
afterAll(() => rmSync(home, { recursive: true, force: true }))

let tarball = ""
beforeAll(async () => {
  tarball = await packed(home, "packages/events")
})

/** Everything that lies under a folder: paths from it, and their sizes in bytes. */
const filesIn = (folder: string): ReadonlyMap<string, number> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => [name, lstatSync(join(folder, name))] as const)
      .flatMap(([name, stats]) => (stats.isFile() ? [[name, stats.size] as const] : [])),
  )

const sum = (sizes: Iterable<number>): number => [...sizes].reduce((all, size) => all + size, 0)

const RELEASES = { [OLDEST_FOR_EVENTS]: OLDEST_FOR_EVENTS, "24": process.versions.node }

describe.each(Object.entries(RELEASES))("the package of events under Node %s", (wanted, version) => {
  let project = ""
  let node = process.execPath
  let missing: string | null = null
  beforeAll(async () => {
    if (wanted === OLDEST_FOR_EVENTS) {
      const release = await nodeRelease(wanted)
      if ("missing" in release) {
        missing = release.missing
        return
      }
      node = join(release.folder, "node")
    }
    project = await projectWith(join(home, wanted), tarball, dirname(node))
  })

  const unlessMissing = (context: TestContext): void => {
    if (missing !== null) context.skip(missing)
  }

  it("reads a fact with the schema of a registry that asks who reads, as module and by require", async (context) => {
    unlessMissing(context)
    expect(await readEvents(project, "oiio-proxy-generator-events", node)).toEqual(readWell(version))
  })

  it("takes less than 5 MB, and no picture library, store or table", (context) => {
    unlessMissing(context)
    const files = filesIn(join(project, "node_modules"))
    expect(sum(files.values())).toBeLessThan(5e6)
    const packages = [...files.keys()].flatMap((name) => /^(.*?)\/package\.json$/.exec(name)?.[1] ?? [])
    expect(packages.filter((name) => !name.includes("/")).sort()).toEqual([
      "avsc",
      "oiio-proxy-generator-events",
      "uuid",
    ])
  })
})

describe("what the package of events holds", () => {
  const listed = async (): Promise<readonly string[]> =>
    (await exec("tar", ["-tzf", tarball])).stdout
      .trim()
      .split("\n")
      .map((name) => name.replace(/^package\//, ""))

  it("is the library, compiled, its schemas, its pages and its licence, and no test", async () => {
    const names = await listed()
    for (const name of ["LICENSE", "README.md", "schemas/proxy-made.avsc", "docs/failures.md", "docs/events.md"])
      expect(names).toContain(name)
    expect(names.filter((name) => /test/.test(name))).toEqual([])
    expect([...new Set(names.map((name) => name.split("/")[0]))].sort()).toEqual([
      ...["LICENSE", "README.md", "dist", "docs", "package.json", "schemas"],
    ])
  })

  it("is of the version of the whole, whose other packages it takes in the same versions", () => {
    const read = (path: string) => JSON.parse(readFileSync(join(CHECKOUT, path), "utf8"))
    const whole = read("package.json")
    const { version, dependencies } = read("packages/events/package.json")
    expect(version).toBe(whole.version)
    expect(whole.dependencies).toMatchObject(dependencies)
  })
})
