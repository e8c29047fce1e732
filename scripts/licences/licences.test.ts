import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { COMPONENTS, npmPackages, OBLIGING, PERMISSIVE, readText } from "./licences.ts"
import { licencesPage } from "./page.ts"

/** The words of a bash array. */
const arrayOf = (script: string, name: string): readonly string[] => {
  const found = new RegExp(`^${name}=\\((.*)\\)$`, "m").exec(readText(script))?.[1]
  expect(found, `${script} has an array ${name}`).toBeDefined()
  return (found ?? "").split(" ")
}

const systemPackages = COMPONENTS.flatMap(({ packages = [] }) => packages)

describe("the licences of what the product is made of", () => {
  it("stand in docs/licences.md, which is written of them", async () => {
    await expect(licencesPage()).toMatchFileSnapshot("../../docs/licences.md")
  })

  it("are stated for every npm package that a user installs, and known", () => {
    const unknown = npmPackages().filter(
      ({ licence }) => licence === null || ![...PERMISSIVE, ...OBLIGING].includes(licence),
    )
    expect(unknown).toEqual([])
    expect(npmPackages().length).toBeGreaterThan(100)
  })

  it("are known for all else", () => {
    expect(COMPONENTS.filter(({ licence }) => ![...PERMISSIVE, ...OBLIGING].includes(licence))).toEqual([])
  })

  it("name every wheel of the set-up in its version", () => {
    const wheels = COMPONENTS.filter(({ purl }) => purl.startsWith("pkg:pypi/") && !purl.includes("/openexr@"))
    expect(wheels.map(({ name, version }) => `${name}==${version}`)).toEqual(
      readText("scripts/picture-tools.txt").match(/^[A-Za-z]\S*==\S+/gm),
    )
  })

  it("name the source that the native library is compiled from in its version", () => {
    const version = COMPONENTS.find(({ name }) => name === "OpenEXR")?.version
    expect(readText("scripts/build-openexr")).toContain(`\nVERSION=${version}\n`)
  })

  it("name every package of the system that the set-up or the image installs", () => {
    const said = [...readText("scripts/setup").matchAll(/install_packages ([a-z].*?)(?:$|\))/gm)].map(
      ([, words]) => words ?? "",
    )
    const image = /apt-get install -y --no-install-recommends ([^&]*)&&/.exec(readText("Dockerfile"))?.[1] ?? ""
    const words = [...said, image].flatMap((text) => text.replaceAll("\\", " ").trim().split(/\s+/))
    const wanted = new Set([...arrayOf("scripts/setup", "NATIVE_PACKAGES"), ...words])
    expect(wanted.size).toBeGreaterThan(8)
    expect([...wanted].filter((name) => !systemPackages.includes(name))).toEqual([])
  })

  it("are summed up in NOTICE, which names every part that obliges whoever hands it on", () => {
    const obliging = COMPONENTS.filter(({ licence, reach }) => OBLIGING.includes(licence) && reach !== "system")
    for (const { name } of [...obliging, { name: "libvips" }, { name: "x264" }])
      expect(readText("NOTICE")).toContain(name)
  })

  it("are told to machines by a bill of materials that holds no address to download from", () => {
    const script = join(import.meta.dirname, "sbom.mjs")
    const bom = JSON.parse(execFileSync(process.execPath, [script], { encoding: "utf8" }))
    const names = bom.components.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(["rxjs", "kafkajs", "FFmpeg", "OpenEXR", "x264"]))
    expect(bom).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: "oiio-proxy-generator" } } })
    expect(JSON.stringify(bom.components)).not.toMatch(/https?:/)
  })

  it("find a package whose licence nobody knows", () => {
    const lock = {
      packages: {
        "": {},
        "node_modules/a": { version: "1.0.0" },
        "node_modules/b/node_modules/@c/d": { version: "2.0.0", license: "MIT" },
      },
    }
    expect(npmPackages(JSON.stringify(lock))).toEqual([
      { name: "@c/d", version: "2.0.0", licence: "MIT" },
      { name: "a", version: "1.0.0", licence: null },
    ])
  })
})

describe("a dependency's install script", () => {
  it("runs for nobody who has not read this list", () => {
    const lock = JSON.parse(readText("package-lock.json")) as {
      packages: Record<string, { hasInstallScript?: boolean }>
    }
    const scripts = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript === true)
    // koffi's loads what it brings for this machine, and calls CMake where it brings nothing: it is optional, so that a failure
    // there fails no installation. protobufjs's looks at a version number and warns.
    expect(scripts.map(([name]) => name)).toEqual(["node_modules/koffi", "node_modules/protobufjs"])
  })
})
