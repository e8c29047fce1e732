import { readFileSync } from "node:fs"

/** Version of the generator, from package.json: beside src/ in a checkout, beside dist/ in the package. */
export function generatorVersion(): string {
  const up = import.meta.url.endsWith(".ts") ? "../../" : "../../../"
  const { version } = JSON.parse(readFileSync(new URL(`${up}package.json`, import.meta.url), "utf8")) as {
    version: string
  }
  return version
}
