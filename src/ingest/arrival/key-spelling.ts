import type { Dialect } from "../../element/source.ts"

/** A key as it is meant, and as it would read if it is spelled the other way. */
export type Spelled = { readonly key: string; readonly keyAlternative: string | null }

/** Undoes form encoding (`+` for a space, %XX); a malformed % means that the text is raw. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

const exactly = (key: string): Spelled => ({ key, keyAlternative: null })

/** VAST's spelling in Records is undocumented and consumers in the wild differ, so the raw text is kept to be tried. */
const either = (key: string, raw: string): Spelled => ({ key, keyAlternative: key === raw ? null : raw })

const RECORD_KEY: Record<Dialect, (raw: string) => Spelled> = {
  vast: (raw) => either(formDecoded(raw), raw),
  aws: (raw) => exactly(formDecoded(raw)),
  minio: (raw) => exactly(formDecoded(raw)),
  versitygw: exactly,
}

/** The key behind `Records[].s3.object.key`. */
export const recordKey = (raw: string, dialect: Dialect): Spelled => RECORD_KEY[dialect](raw)

/** The key of an `elementpath` or a flat event: raw; from a header of HTTP the percent signs may be the transport's. */
export const plainKey = (raw: string, isEncoded: boolean): Spelled =>
  isEncoded ? either(percentDecoded(raw), raw) : exactly(raw)

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
