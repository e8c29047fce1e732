// Writes the software bill of materials to stdout: CycloneDX, of npm's own tool, with what no lock file names added. It holds no
// download addresses, since package-lock.json has none. JavaScript, since `npm pack` runs it with whatever Node it has itself.

import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

const { components } = JSON.parse(readFileSync(new URL("components.json", import.meta.url), "utf8"))
const argv = ["sbom", "--workspaces=false", "--package-lock-only", "--omit", "dev", "--sbom-format", "cyclonedx"]
const bom = JSON.parse(execFileSync("npm", argv, { encoding: "utf8", maxBuffer: 64 << 20 }))
// npm takes the folder's name for the product's.
bom.metadata.component.name = "oiio-proxy-generator"
for (const { name, version, licence, purl, use } of components)
  bom.components.push({
    "bom-ref": purl,
    type: "library",
    name,
    ...(version !== null && { version }),
    description: use,
    purl,
    licenses: [{ expression: licence }],
  })
process.stdout.write(`${JSON.stringify(bom, null, 1)}\n`)
