import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseSync, Visitor } from "oxc-parser"
import { describe, expect, it } from "vitest"
import { packagePages } from "../../deployment/package-pages.ts"
import { call } from "../testing/call.ts"

const ROOT = join(import.meta.dirname, "../../..")

describe("docs", () => {
  it("lists the pages, each with its title", async () => {
    const { code, stdout } = await call(["docs"])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^failures +\S/m)
    expect(stdout.trimEnd().split("\n")).toHaveLength((await packagePages()).length + 1)
  })

  it("prints a page, whichever way it is named, or says where it is", async () => {
    const text = readFileSync(join(ROOT, "docs/failures.md"), "utf8")
    for (const name of ["failures", "failures.md", "docs/failures.md"])
      expect(await call(["docs", name])).toMatchObject({ code: 0, stdout: text })
    expect((await call(["docs", "failures", "--path"])).stdout).toBe(`${join(ROOT, "docs/failures.md")}\n`)
  })

  it.each(["no-such-page", "../README", "../README.md"])("refuses %s, and names those that there are", async (name) => {
    expect(await call(["docs", name])).toMatchObject({ code: 2, stderr: expect.stringContaining("failures, ") })
  })
})

/** Every text of a source that may be said to somebody: no comment is one. */
function textsOf(path: string): readonly string[] {
  const texts: string[] = []
  new Visitor({
    Literal: ({ value }) => void (typeof value === "string" && texts.push(value)),
    TemplateElement: ({ value }) => void texts.push(value.raw),
    JSXText: ({ value }) => void texts.push(value),
  }).visit(parseSync(path, readFileSync(join(ROOT, path), "utf8")).program)
  return texts
}

const said = globSync(["src/**/*.{ts,tsx}", "topology/**/*.ts"], { cwd: ROOT })
  .filter((path) => !/(\.test\.ts$|\/testing\/)/.test(path))
  .flatMap((path) => textsOf(path).map((text) => ({ path, text })))

describe("a message that points to a page", () => {
  it("names the command that prints it: its path leads nowhere where the package was installed", () => {
    expect(said.length).toBeGreaterThan(5_000)
    expect(said.filter(({ text }) => /\b(docs\/[\w-]+\.md|README|run scripts\/)/.test(text))).toEqual([])
  })

  it("names one that there is", async () => {
    const names = (await packagePages()).map(({ name }) => name)
    const named = said.flatMap(({ text }) => [...text.matchAll(/(?:oiio-proxy-generator|`)\s?docs ([\w-]+)/g)])
    expect(named.length).toBeGreaterThan(5)
    expect(named.map(([, name]) => name).filter((name) => !names.includes(name ?? ""))).toEqual([])
  })
})
