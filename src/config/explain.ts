import { unescape as unescaped } from "node:querystring"
import { type Environment, originSays, type Settings } from "./index.ts"
import { didYouMean } from "./nearest.ts"
import { SETTING_NAMES, type SettingName, settingOf } from "./table.ts"

/** One line of `config explain`. */
export type Explained = {
  readonly setting: SettingName
  /** The value as an operator would write it: stars for a secret, empty for none. */
  readonly value: string
  /** Where it came from, in words. */
  readonly origin: string
  readonly says: string
}

const MASK = "********"

/** Every setting with its value and origin, in the order of the table; secrets masked. */
export function explain({ config, origins }: Settings): readonly Explained[] {
  return SETTING_NAMES.map((name) => {
    const { secret, show, says } = settingOf(name)
    const shown = show(config[name])
    return { setting: name, value: secret && shown !== "" ? MASK : shown, origin: originSays(origins[name]), says }
  })
}

/** Secret values, which no log line and no message may show. */
export const secretsOf = ({ config }: Pick<Settings, "config">): readonly string[] =>
  unique(
    SETTING_NAMES.flatMap((name) => {
      const value: unknown = config[name]
      const texts = [value].flat().filter((text): text is string => typeof text === "string" && text !== "")
      return settingOf(name).secret ? texts : texts.flatMap(passwordsIn)
    }),
  )

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** The password in an address, or the token in place of its user name, percent-encoded as written and decoded. */
function passwordsIn(value: string): readonly string[] {
  const address = /^https?:\/\//.test(value) ? URL.parse(value) : null
  const secret = address?.password || address?.username || ""
  return secret === "" ? [] : [secret, unescaped(secret)]
}

/** OpenImageIO's own variables that start like ours. */
const FOREIGN = /^OIIO_(LIBRARY_PATH|LOAD_DLLS_FROM_PATH|PYTHON\w*)$/

/** A sentence for each OIIO_ variable that nothing reads: most likely mistyped. */
export function strangeVariables(env: Environment): readonly string[] {
  const known = SETTING_NAMES.flatMap((name) => settingOf(name).env ?? [])
  return Object.keys(env)
    .filter((name) => name.startsWith("OIIO_") && !known.includes(name) && !FOREIGN.test(name))
    .map((name) => `No setting reads the environment variable ${name}.${didYouMean(name, known)}`)
}
