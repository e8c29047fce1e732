import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeEach, describe, expect, it } from "vitest"
import { git, integrityOf, PACKAGES, RECEIPT, type Receipt, refusalOf, refusals } from "../scripts/release/checks.ts"
import { npm, OLDEST_FOR_ALL, OLDEST_FOR_EVENTS } from "../scripts/release/npm.ts"
import { CHECKOUT } from "./machine/npm.ts"
import { run } from "./machine/process.ts"

const home = mkdtempSync(join(tmpdir(), "release-"))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const VERSION = "4.0.0-beta.2"
const CHANGELOG = `# Changelog\n\n## Unreleased\n\n## ${VERSION} (2026-04-01)\n\n### Added\n- Something.\n\n## 3.0.0\n\n- More.\n`

/** A checkout that could be released. */
let root = ""
let tests = 0
beforeEach(async () => {
  root = join(home, String(tests++))
  for (const folder of PACKAGES) mkdirSync(join(root, folder), { recursive: true })
  write("package.json", JSON.stringify({ name: "product", version: VERSION }))
  write("packages/events/package.json", JSON.stringify({ name: "product-events", version: VERSION }))
  const packages = { "": { version: VERSION }, "packages/events": { version: VERSION } }
  write("package-lock.json", JSON.stringify({ packages }))
  write("CHANGELOG.md", CHANGELOG)
  await git(root, "init", "--quiet")
  await commit()
})

const write = (path: string, text: string): void => writeFileSync(join(root, path), text)

async function commit(): Promise<void> {
  await git(root, "add", "--all")
  const author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@studio.example"]
  await git(root, ...author, "commit", "--quiet", "--message", "change")
}

describe("a commit to release", () => {
  it("is one whose tree is clean, with one version everywhere and entries for it", async () => {
    expect(await refusals(root)).toEqual([])
  })

  it.each([
    ["a changed file", () => appendFileSync(join(root, "CHANGELOG.md"), "\n"), /no commit does.*\n.*CHANGELOG\.md/],
    ["a file that is not committed", () => write("new.ts", ""), /no commit does.*\n.*new\.ts/],
  ])("is refused with %s", async (_, soil, says) => {
    soil()
    expect(await refusals(root)).toEqual([expect.stringMatching(says)])
  })

  it("is refused where the version was released before", async () => {
    await git(root, "tag", `v${VERSION}`)
    expect(await refusals(root)).toEqual([expect.stringMatching(/has a tag already/)])
  })

  it.each([
    [
      "without an entry for the version",
      CHANGELOG.replace(`## ${VERSION}`, "## 4.0.0"),
      /says nothing of 4\.0\.0-beta\.2/,
    ],
    ["with a heading and no entry", CHANGELOG.replace("- Something.\n", ""), /says nothing of 4\.0\.0-beta\.2/],
    ["with entries of a later one", CHANGELOG.replace("Unreleased\n", "Unreleased\n- Else.\n"), /under Unreleased/],
  ])("is refused with a changelog %s", async (_, text, says) => {
    write("CHANGELOG.md", text)
    await commit()
    expect(await refusals(root)).toEqual([expect.stringMatching(says)])
  })

  it("is refused where a package or the lock file has another version", async () => {
    write("packages/events/package.json", JSON.stringify({ name: "product-events", version: "4.0.0" }))
    await commit()
    expect(await refusals(root)).toEqual([expect.stringMatching(/^packages\/events\/package\.json says 4\.0\.0/)])
    write("package-lock.json", JSON.stringify({ packages: { "": { version: "3.9.0" } } }))
    await commit()
    expect(await refusals(root)).toHaveLength(3)
  })
})

it("is tried under the oldest releases of Node that the packages name", () => {
  const named = (folder: string): string =>
    JSON.parse(readFileSync(join(CHECKOUT, folder, "package.json"), "utf8")).engines.node
  expect([named("packages/events"), named(".")]).toEqual(
    [OLDEST_FOR_EVENTS, OLDEST_FOR_ALL].map((version) => `>=${version.replace(/\.0$/, "")}`),
  )
})

describe("bytes to publish", () => {
  const tarball = (): string => join(root, "product.tgz")
  beforeEach(() => {
    write("product.tgz", "what was tried")
    const tested = { name: "product", file: "product.tgz", integrity: integrityOf(tarball()), triedUnder: ["24.21.0"] }
    write(RECEIPT, JSON.stringify({ version: VERSION, commit: "0", tarballs: [tested] } satisfies Receipt))
  })

  it("are those that were tried as installed", () => {
    expect(refusalOf(tarball())).toBeNull()
  })

  it.each([
    ["were changed since", () => appendFileSync(tarball(), "!"), /its sha512 is another/],
    ["are gone", () => rmSync(tarball()), /^There is no/],
    ["were never tried", () => rmSync(join(root, RECEIPT)), /never tried as installed/],
    ["are another file's", () => write(RECEIPT, JSON.stringify({ tarballs: [{ file: "other.tgz" }] })), /other\.tgz/],
  ])("are refused where they %s", (_, spoil, says) => {
    spoil()
    expect(refusalOf(tarball())).toMatch(says)
  })

  it("are asked for by the command that is printed, whose exit code ends it", async () => {
    const program = join(CHECKOUT, "scripts/release/release.ts")
    const verify = () => run([program, "verify", tarball()], { program: process.execPath })
    expect(await verify()).toMatchObject({ code: 0, stderr: "" })
    appendFileSync(tarball(), "!")
    expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringMatching(/^refused: .*sha512/) })
  })

  it("are no folder: npm publish there is refused, of both packages", async () => {
    const manifest = (folder: string): string => {
      const { scripts } = JSON.parse(readFileSync(join(CHECKOUT, folder, "package.json"), "utf8"))
      return JSON.stringify({ name: "product", version: VERSION, scripts: { prepublishOnly: scripts.prepublishOnly } })
    }
    cpSync(join(CHECKOUT, "scripts/release/guard"), join(root, "scripts/release/guard"), { recursive: true })
    for (const folder of PACKAGES) {
      write(join(folder, "package.json"), manifest(folder))
      const published = npm(join(root, folder), ["publish", "--dry-run", "--tag", "next"])
      await expect(published).rejects.toThrow(/publish what was tried as installed/)
    }
  })
})
