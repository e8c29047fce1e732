import type { Rational } from "../events/records.generated.ts"

/** Group of a setting: decides which commands take its flag, and its chapter in docs/settings.md. */
export type Group =
  | "state"
  | "outputs"
  | "pictures"
  | "shown"
  | "sequences"
  | "colour"
  | "tools"
  | "work"
  | "watch"
  | "output"
  | "intake"
  | "service"
  | "serve"
  | "platform"

/** What a default may depend on: the machine, and the folder that the command works on. */
export type Surroundings = { readonly cores: number; readonly stateDir: string }

/** One setting, declared once: its parser, default, documentation and checks all come from here. */
export type Setting<T> = {
  readonly group: Group
  /** What it does, whole sentences, with the unit. */
  readonly says: string
  /** Environment variable; null when it can only stand in the file. */
  readonly env: string | null
  /** Without it the flag is the setting's name in kebab-case; null for none (secrets never are flags: `ps` shows them). */
  readonly flag?: string | null
  /** False where the file cannot say it, because it decides which file is read. */
  readonly inFile: boolean
  readonly secret: boolean
  readonly default: T | ((around: Surroundings) => T)
  /** Documentation's words for a default that the surroundings decide. */
  readonly defaultSays?: string
  /** What is allowed, as the end of "must be ...". */
  readonly allowed: string
  /** Placeholder in help texts; null for a switch. */
  readonly placeholder: string | null
  /** The value, or undefined when it is not allowed. Text from flags and environment, anything from the file. */
  readonly parse: (raw: unknown) => T | undefined
  /** The value as an operator would write it. */
  readonly show: (value: T) => string
  /** What is wrong with a refused value, a whole sentence, where `allowed` is too little to go by. */
  readonly problem?: (raw: unknown) => string | null
  /** Whether a value is a path, made absolute: from the working folder, or from the file's when it stands in the file. */
  readonly isPath?: (value: T) => boolean
  /** The value with what it names on disk, from where relative paths start; a problem is a whole sentence. */
  readonly located?: (value: T, base: string) => { readonly value: T } | { readonly problem: string }
}

/** What every declaration states; the kind of value adds the rest. */
type Declared<T> = Pick<Setting<T>, "group" | "says" | "env" | "default"> &
  Partial<Pick<Setting<T>, "flag" | "inFile" | "secret" | "defaultSays">>

const setting = <T>(
  declared: Declared<T>,
  kind: Pick<Setting<T>, "allowed" | "placeholder" | "parse" | "show">,
): Setting<T> => ({ inFile: true, secret: false, ...declared, ...kind })

const numberOf = (raw: unknown): number | undefined => {
  if (typeof raw === "number") return raw
  return typeof raw === "string" && /^[+-]?\d+(\.\d+)?$/.test(raw.trim()) ? Number(raw) : undefined
}

type Range = { readonly min: number; readonly max: number; readonly unit: string; readonly even?: boolean }

/** A whole number in a range, with its unit. */
export const int = ({ min, max, unit, even = false, ...declared }: Declared<number> & Range): Setting<number> =>
  setting(declared, {
    allowed: `${even ? "an even" : "a whole"} number from ${min} to ${max}${unit === "" ? "" : ` (${unit})`}`,
    placeholder: "number",
    parse: (raw) => {
      const value = numberOf(raw)
      const fits = value !== undefined && Number.isInteger(value) && value >= min && value <= max
      return fits && !(even && value % 2 !== 0) ? value : undefined
    },
    show: String,
  })

const SIZE_UNITS: Record<string, number> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

function sizeOf(raw: unknown): number | undefined {
  if (typeof raw === "number") return raw
  const [, digits, unit] = (typeof raw === "string" && /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(raw.trim())) || []
  const factor = SIZE_UNITS[(unit ?? "").toLowerCase()]
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor
}

const showSize = (bytes: number): string => {
  const [unit, factor] = [["GiB", 2 ** 30] as const, ["MiB", 2 ** 20] as const, ["KiB", 2 ** 10] as const].find(
    ([, size]) => bytes >= size && bytes % size === 0,
  ) ?? ["", 1]
  return `${bytes / factor}${unit}`
}

/** A size in bytes, written as a number of bytes or with a unit (512MiB, 4GB). */
export const size = ({ min, max, ...declared }: Declared<number> & Omit<Range, "unit">): Setting<number> =>
  setting(declared, {
    allowed: `a size from ${showSize(min)} to ${showSize(max)}, such as 512MiB, 4GB or a number of bytes`,
    placeholder: "size",
    parse: (raw) => {
      const bytes = sizeOf(raw)
      return bytes !== undefined && Number.isInteger(bytes) && bytes >= min && bytes <= max ? bytes : undefined
    },
    show: showSize,
  })

/** One of a few words. */
export const choice = <const W extends string>({
  choices,
  ...declared
}: Declared<W> & { readonly choices: readonly W[] }): Setting<W> =>
  setting(declared, {
    allowed: `one of ${choices.join(", ")}`,
    placeholder: "word",
    parse: (raw) => choices.find((word) => word === raw),
    show: (word) => word,
  })

const isText = (raw: unknown): raw is string =>
  typeof raw === "string" && raw.trim() !== "" && !raw.includes("\0") && !raw.includes("\n")

/** One line of text that must not be empty. */
export const text = <D extends string | null>(
  declared: Declared<string | D> & { readonly allowed: string; readonly placeholder: string },
): Setting<string | D> => {
  const { allowed, placeholder, ...rest } = declared
  return setting<string | D>(rest, {
    allowed,
    placeholder,
    parse: (raw) => (isText(raw) ? raw : undefined),
    show: (value) => value ?? "",
  })
}

/** Addresses of brokers. A password does not belong there; where one is, it is not shown. */
export const brokers = (declared: Declared<string | null>): Setting<string | null> => ({
  ...text<null>({ ...declared, allowed: "host:port, several with commas between them", placeholder: "host:port" }),
  show: (value) => withoutPassword(value ?? ""),
})

const textsOf = (raw: unknown): readonly string[] | undefined => {
  const given: readonly unknown[] = typeof raw === "string" ? raw.split(",") : Array.isArray(raw) ? raw : [raw]
  const texts = given.flatMap((one) => (isText(one) ? [one.trim()] : []))
  return texts.length === given.length ? Object.freeze(texts) : undefined
}

/** Texts with commas between them; in the file a list. Empty by default. */
export const list = (
  declared: Omit<Declared<readonly string[]>, "default"> & { readonly allowed: string; readonly placeholder: string },
): Setting<readonly string[]> => {
  const { allowed, placeholder, ...rest } = declared
  return setting<readonly string[]>(
    { ...rest, default: Object.freeze<readonly string[]>([]) },
    { allowed, placeholder, parse: textsOf, show: (texts) => texts.join(",") },
  )
}

type PathSetting<D> = Declared<string | D> & {
  readonly allowed?: string
  /** Values that are names, not paths; without it every value is a path. */
  readonly isName?: (value: string) => boolean
}

/** A path, made absolute. */
export function path<D extends string | null>({
  allowed = "a path",
  isName,
  ...declared
}: PathSetting<D>): Setting<string | D> {
  const isPath = (value: string | D): boolean => typeof value === "string" && isName?.(value) !== true
  return { ...text<D>({ ...declared, allowed, placeholder: "path" }), isPath }
}

/** An address without what is secret in it: the password, or a user name that stands alone, which is a token. */
export function withoutPassword(address: string): string {
  // Text that is no address, too: whatever stands before the last @ may be a secret that was mistyped.
  const [, scheme, user, password, rest] = /^([a-z][a-z\d+.-]*:\/\/|)([^:]*)(:.*|)@(.*)$/is.exec(address) ?? []
  if (rest === undefined) return address
  return password === "" ? `${scheme}********@${rest}` : `${scheme}${user}:********@${rest}`
}

/** An http or https address; a password inside it is never shown. */
export const httpAddress = (declared: Declared<string | null>): Setting<string | null> =>
  setting(declared, {
    allowed: "an http or https address, such as https://s3.example.com:9000",
    placeholder: "url",
    parse: (raw) => (isText(raw) && /^https?:\/\/[^/\s]/.test(raw) && URL.canParse(raw) ? raw : undefined),
    show: (value) => withoutPassword(value ?? ""),
  })

const SWITCH: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
}

/** On or off. */
export const toggle = (declared: Declared<boolean>): Setting<boolean> =>
  setting(declared, {
    allowed: "true or false",
    placeholder: null,
    parse: (raw) => (typeof raw === "boolean" ? raw : SWITCH[String(raw).toLowerCase()]),
    show: String,
  })

const rationalOf = (raw: unknown): Rational | undefined => {
  const [, num, den] = /^(\d{1,7})(?:\/(\d{1,7}))?$/.exec(String(raw).trim()) ?? []
  return num === undefined ? undefined : Object.freeze({ num: Number(num), den: Number(den ?? 1) })
}

/** A frame rate as an exact ratio, 1 to 240 frames a second. */
export const frameRate = (declared: Declared<Rational>): Setting<Rational> =>
  setting(declared, {
    allowed: "a ratio such as 24000/1001, or a whole number, from 1 to 240 frames a second",
    placeholder: "n/d",
    parse: (raw) => {
      const rate = rationalOf(raw)
      const value = rate === undefined || rate.den === 0 ? Number.NaN : rate.num / rate.den
      return value >= 1 && value <= 240 ? rate : undefined
    },
    show: ({ num, den }) => `${num}/${den}`,
  })
