import { spawnSync } from "node:child_process"
import { existsSync, globSync, readFileSync } from "node:fs"
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { importsOf, ROOMS, type Room, readSources, refusedImports, roomOf, tooSmall } from "./check.ts"

const ROOT = fileURLToPath(new URL("../../", import.meta.url))
const sources = readSources(ROOT)

const folders = [...new Set([...sources.keys()].map((path) => dirname(path)))].sort()

/** What a room must not import: a file of each room that it does not name, and packages that are another's. */
function forbiddenFor(room: Room): readonly string[] {
  const files = ROOMS.filter(({ folder }) => folder !== room.folder && !room.imports.includes(folder)).flatMap(
    ({ folder }) =>
      [...sources.keys()].filter((path) => roomOf(path)?.folder === folder && !room.imports.includes(path)).slice(0, 1),
  )
  const packages = new Set([...ROOMS.flatMap((other) => other.packages), "node:vm"])
  packages.delete("node:*")
  const isAllowed = (name: string): boolean =>
    room.packages.includes(name) || (name.startsWith("node:") && room.packages.includes("node:*"))
  return [...files, ...[...packages].filter((name) => !isAllowed(name))]
}

describe("what each room may import is an allow-list", () => {
  it("is kept by every file there is", () => {
    expect(refusedImports(sources)).toEqual([])
  })

  it.each(folders)("refuses whatever is not on it in %s", (folder) => {
    const planted = `${folder}/planted.ts`
    const room = roomOf(planted)
    if (room === undefined) throw new Error(`${folder} is in no room`)
    const forbidden = forbiddenFor(room)
    expect(forbidden.length).toBeGreaterThan(3)
    for (const target of forbidden) {
      const specifier = target.includes("/") && !target.startsWith("@") ? join(ROOT, target) : target
      const relative = specifier.startsWith(ROOT) ? `${"../".repeat(folder.split("/").length)}${target}` : specifier
      for (const text of [
        `import { x } from "${relative}"\n`,
        `import type { X } from "${relative}"\n`,
        `export { x } from "${relative}"\n`,
        `export const x = () => import("${relative}")\n`,
      ]) {
        expect(refusedImports(new Map([[planted, text]])), text).toHaveLength(1)
      }
    }
  })

  it("refuses an import whose name nobody can read", () => {
    const [refused] = refusedImports(new Map([["src/log/planted.ts", "export const x = (y) => import(y)\n"]]))
    expect(refused).toMatch(/only known at run time/)
  })

  it("refuses a folder that is no room", () => {
    expect(refusedImports(new Map([["src/utils/x.ts", ""]]))).toEqual([expect.stringMatching(/is in no room/)])
  })

  it("has rooms that exist, and names only files that exist", () => {
    for (const { folder, imports } of ROOMS) {
      expect([...sources.keys()].some((path) => path.startsWith(`${folder}/`))).toBe(true)
      for (const name of imports)
        expect(sources.has(name) || ROOMS.some((room) => room.folder === name), name).toBe(true)
    }
  })

  it("names nothing that is not used", () => {
    for (const room of ROOMS) {
      const used = new Set(
        [...sources].filter(([path]) => roomOf(path) === room).flatMap(([path, text]) => importsOf(path, text)),
      )
      const usedRooms = new Set([...used].map((target) => target && roomOf(target)?.folder))
      const unused = [...room.imports, ...room.packages].filter(
        (name) => name !== "node:*" && !used.has(name) && !usedRooms.has(name),
      )
      expect(unused, room.folder).toEqual([])
    }
  })

  it("ends `make check` with a sentence that says which import is refused", async () => {
    const copy = await mkdtemp(join(tmpdir(), "rooms-"))
    await mkdir(join(copy, "src/store"), { recursive: true })
    await cp(join(ROOT, "src/store/index.ts"), join(copy, "src/store/index.ts"))
    await writeFile(join(copy, "src/store/planted.ts"), 'import "../log/index.ts"\n')
    const script = fileURLToPath(new URL("check.ts", import.meta.url))
    const { status, stderr } = spawnSync(process.execPath, [script, copy], { encoding: "utf8" })
    await rm(copy, { recursive: true })
    expect(status).toBe(1)
    expect(stderr).toMatch(/src\/store\/planted\.ts imports src\/log\/index\.ts, which src\/store may not/)
  })
})

/** Text of docs/rooms.md. */
const roomsDoc = (): string =>
  [
    "# What each folder may import",
    "",
    "An allow-list (`scripts/rooms/rooms.json`): `make check` refuses every other import, of types too. Tests, contract suites and",
    "`testing/` folders may import what they like. A folder that is not named belongs to the nearest one above it; its files may import each",
    "other. This table is generated.",
    "",
    "| folder | what it is | may import | packages |",
    "|---|---|---|---|",
    ...ROOMS.map(
      ({ folder, is, imports, packages }) => `| ${[`\`${folder}\``, is, code(imports), code(packages)].join(" | ")} |`,
    ),
    "",
  ].join("\n")

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ") || "-"

describe("the documentation of the rooms", () => {
  it("says what the check holds", async () => {
    await expect(roomsDoc()).toMatchFileSnapshot("../../docs/rooms.md")
  })

  it.each(globSync(["*.md", "docs/**/*.md"], { cwd: ROOT }).filter((name) => name !== "CHANGELOG.md"))(
    "names only files and folders that there are: %s",
    (name) => {
      const text = readFileSync(join(ROOT, name), "utf8")
      const named = [
        ...text.matchAll(/(?<![\w./-])((?:src|topology|test|scripts|bench|schemas|docs)\/[\w./-]*\w)(?![\w./-]*[*])/g),
      ]
      const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)))
      expect(missing).toEqual([])
    },
  )
})

describe("a file is a concept of its own", () => {
  it("or it lives with its one caller", () => {
    expect(tooSmall(sources)).toEqual([])
  })

  it("is found where it is too small", () => {
    const small = new Map([
      ["src/a/caller.ts", 'import { x } from "./small.ts"\n'],
      ["src/a/small.ts", "export const x = 1\n"],
    ])
    expect(tooSmall(small)).toEqual([expect.stringMatching(/src\/a\/small\.ts .* belongs into src\/a\/caller\.ts/)])
  })
})
