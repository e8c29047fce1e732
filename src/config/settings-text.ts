import { parseDocument } from "yaml"

/** What a settings file says: setting name to value as YAML gives it. */
export type FileValues = Readonly<Record<string, unknown>>

type Values = { readonly ok: true; readonly value: FileValues } | { readonly ok: false; readonly says: string }

/** An alias may stand for much: a text of a few lines must not become a gigabyte. */
const MOST_ALIASES = 20

/** What the text of a settings file says, or what is wrong with it. Throws a ReferenceError for too many aliases. */
export function valuesOf(text: string): Values {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined)
    return { ok: false, says: `is not valid YAML: ${error.message.split("\n")[0]?.replace(/:$/, "")}` }
  const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {}
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { ok: false, says: "must be a mapping of setting names to values" }
  return { ok: true, value: value as FileValues }
}
