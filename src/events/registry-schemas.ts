import { unescape as unescaped } from "node:querystring"
import { createSecureContext } from "node:tls"
import { type ClientCertificate, certificateFault, exchangeHttp, tlsIdentity } from "../network/http.ts"
import type { SchemaSource } from "./reader.ts"

/** How a registry is reached that does not take everybody. What is given here stands in no error. */
export type RegistryOptions = {
  /** PEM text of the authorities that may have signed the registry's certificate; absent for those that Node knows. */
  readonly ca?: string
  /** Our certificate and its key, PEM texts, where the registry asks its clients for one. */
  readonly client?: ClientCertificate
  /**
   * A user and a password, or a bearer token. A token that expires is given as a function, which is asked before each
   * request; absent for the user and password in the address, or for none.
   */
  readonly auth?:
    | { readonly username: string; readonly password: string }
    | { readonly token: string | (() => string | Promise<string>) }
  /** Further headers of each request, such as those by which a hosted registry finds its tenant. */
  readonly headers?: Readonly<Record<string, string>>
  /** For each answer, milliseconds; 5,000 unless told otherwise. */
  readonly timeoutMs?: number
}

const WITHIN_MS = 5_000

/**
 * Schemas of a Confluent-compatible registry at `url`, asked by id with a time limit. A user name and password within
 * the address count as `auth`. No redirect is followed. Throws a TypeError for an address or a certificate that is none.
 */
export function registrySchemas(url: string, options: RegistryOptions = {}): SchemaSource {
  const { base, user } = registryAt(url)
  const auth = options.auth ?? user
  refuseUnreadable(options)
  const { ca = null, client, headers: further = {}, timeoutMs: withinMs = WITHIN_MS } = options
  return async (id) => {
    const headers = { ...further, ...(auth && { authorization: await authorization(auth) }) }
    const how = { method: "GET", headers, ca, withinMs, ...(client && { client }) } as const
    const { status, text } = await exchangeHttp(`${base}/schemas/ids/${id}`, how).catch((error: unknown) => {
      throw explained(error, base)
    })
    if (status === 404) return null
    if (status === 401 || status === 403) throw refusal(`${base} answers ${status}: it refuses ${shown(options, auth)}`)
    if (status < 200 || status > 299) throw new Error(`${base} answers ${status}`)
    return schemaIn(text, base)
  }
}

type Auth = NonNullable<RegistryOptions["auth"]>

async function authorization(auth: Auth): Promise<string> {
  if ("username" in auth) return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`
  return `Bearer ${typeof auth.token === "string" ? auth.token : await auth.token()}`
}

/** What was shown to the registry, by its kind. */
function shown({ client }: RegistryOptions, auth: Auth | null): string {
  if (auth !== null) return "username" in auth ? "the user or password" : "the token"
  return client === undefined ? "requests without `auth`" : "the client certificate"
}

/** At once, not with the first record. OpenSSL's reasons name neither keys nor texts. */
function refuseUnreadable({ ca, client }: RegistryOptions): void {
  try {
    createSecureContext({ ...(ca !== undefined && { ca }), ...(client && tlsIdentity(client)) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TypeError(`registrySchemas cannot read what its options \`ca\` and \`client\` hold: ${reason}.`)
  }
}

const refusal = (says: string): Error => Object.assign(new Error(says), { code: "registry/refused" })

/** A server ends the connection with an alert of TLS where it wants a client's certificate, or another one. */
const ALERT = /^ERR_SSL_\w*ALERT_/

function explained(error: unknown, base: string): unknown {
  const untrusted = certificateFault(error, { authority: "the option `ca`", address: "the registry's address" })
  if (untrusted !== null) return refusal(`the certificate of ${base} ${untrusted}`)
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (!ALERT.test(code)) return error
  return refusal(`${base} refuses the connection (${code}): it may want a client certificate, or another one`)
}

function schemaIn(text: string, base: string): string {
  const parsed: unknown = jsonOf(text)
  const schema = parsed !== null && typeof parsed === "object" ? Reflect.get(parsed, "schema") : null
  if (typeof schema !== "string") throw new Error(`what answers at ${base} is no schema registry`)
  return schema
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

type RegistryAt = { readonly base: string; readonly user: Auth | null }

function registryAt(url: string): RegistryAt {
  const address = URL.parse(url)
  if (address === null || !/^https?:$/.test(address.protocol))
    throw new TypeError("registrySchemas takes the http or https address of a schema registry.")
  const [username = "", password = ""] = [address.username, address.password].map((part) => unescaped(part))
  address.username = ""
  address.password = ""
  const base = address.href.replace(/\/+$/, "")
  return { base, user: username === "" && password === "" ? null : { username, password } }
}
