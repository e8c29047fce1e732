import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "yaml"
import { CHECKOUT } from "./npm.ts"

export type ComposeService = {
  readonly image: string
  readonly build?: string
  readonly user?: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly volumes?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly ports?: readonly string[]
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly mem_limit?: string
  readonly restart?: string
  readonly healthcheck?: { readonly test: readonly string[] }
}

export type Compose = { readonly services: Readonly<Record<string, ComposeService>> }

export const COMPOSE_FILE = join(CHECKOUT, "docker-compose.yml")

/** `$$`, `${NAME}`, `${NAME:-default}` and `${NAME:?complaint}`, as the Compose specification has them. */
const VARIABLE = /\$\$|\$\{(?<name>\w+)(?::(?<how>[-?])(?<word>[^}]*))?\}/g

function interpolated(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (...found) => {
    const {
      name,
      how,
      word = "",
    } = found.at(-1) as { readonly name?: string; readonly how?: string; readonly word?: string }
    if (name === undefined) return "$"
    const value = env[name] ?? ""
    if (value !== "" || how === undefined) return value
    if (how === "?") throw new Error(`${name} ${word}`)
    return word
  })
}

/** docker-compose.yml with its variables filled in; throws where one is missing that has no default. */
export const readCompose = (env: Readonly<Record<string, string>>): Compose =>
  parse(
    readFileSync(COMPOSE_FILE, "utf8"),
    (_key, value: unknown) => (typeof value === "string" ? interpolated(value, env) : value),
    { merge: true },
  ) as Compose
