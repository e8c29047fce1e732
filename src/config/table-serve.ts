import { isAddressRange } from "./address-ranges.ts"
import { didYouMean } from "./nearest.ts"
import { type Fields, isFields } from "./rules.ts"
import { int, list, type Setting, size, text, toggle } from "./setting.ts"

/** What a caller of the API may do. */
export const SERVE_ROLES = ["read", "write"] as const

export type ServeRole = (typeof SERVE_ROLES)[number]

/** A bearer token that somebody was given: only its hash is kept. */
export type ServeToken = {
  /** Who has it: facts that are written with it name this. */
  readonly name: string
  /** write: reads, too. */
  readonly role: ServeRole
  /** SHA-256 of the token, 64 hex digits. The token is 256 random bits, so that a slow hash would protect nothing more. */
  readonly sha256: string
}

const TOKEN_KEYS = ["name", "role", "sha256"]
const NAME = /^[\w.@+-]{1,100}$/

function tokenProblem(raw: unknown): string | null {
  if (!isFields(raw)) return "is no mapping of name, role and sha256."
  const stranger = Object.keys(raw).find((key) => !TOKEN_KEYS.includes(key))
  if (stranger !== undefined) return `has an unknown key "${stranger}".${didYouMean(stranger, TOKEN_KEYS)}`
  if (typeof raw.name !== "string" || !NAME.test(raw.name))
    return "needs a name of letters, digits, and . @ + - _ between them."
  if (!SERVE_ROLES.some((role) => role === raw.role)) return `needs a role, which is one of ${SERVE_ROLES.join(", ")}.`
  return typeof raw.sha256 === "string" && /^[0-9a-f]{64}$/.test(raw.sha256)
    ? null
    : "needs a sha256 of 64 hex digits: `token NAME` makes a token and prints it."
}

const tokenOf = ({ name, role, sha256 }: Fields): ServeToken =>
  Object.freeze({ name: String(name), role: role === "write" ? "write" : "read", sha256: String(sha256) })

const serveTokens: Setting<readonly ServeToken[]> = {
  group: "serve",
  says: "Bearer tokens of the API, each with a name, a role (read, or write, which reads as well) and the SHA-256 of the token. `token NAME --role write` makes one.",
  env: null,
  flag: null,
  inFile: true,
  secret: false,
  default: Object.freeze<ServeToken[]>([]),
  allowed: "a list of mappings with name, role and sha256",
  placeholder: "tokens",
  parse: (raw) =>
    Array.isArray(raw) && raw.every((one) => tokenProblem(one) === null)
      ? Object.freeze(raw.map((one) => tokenOf(one)))
      : undefined,
  problem: (raw) => {
    const problems = Array.isArray(raw) ? raw.map(tokenProblem) : []
    const index = problems.findIndex((problem) => problem !== null)
    return index < 0 ? null : `token ${index + 1} ${problems[index]}`
  },
  // The hash of a token is no secret, and nobody needs to see it.
  show: (tokens) => tokens.map(({ name, role }) => `${name}:${role}`).join(","),
}

const ORIGIN = /^https?:\/\/[^/\s]+$/

/** Accepts only lists of which every text is right. */
const eachOf = (
  setting: Setting<readonly string[]>,
  isRight: (text: string) => boolean,
): Setting<readonly string[]> => ({
  ...setting,
  parse: (raw) => {
    const texts = setting.parse(raw)
    return texts?.every(isRight) === true ? texts : undefined
  },
})

/** Who may use the API: docs/api.md. */
const ACCESS = {
  serveTokens,
  serveProxyHeader: text<null>({
    group: "serve",
    says: "Header in which an authenticating proxy names the user, such as X-WEBAUTH-USER. It is believed of OIIO_SERVE_PROXY_ADDRESSES alone; a request from elsewhere that carries it is refused.",
    env: "OIIO_SERVE_PROXY_HEADER",
    default: null,
    allowed: "the name of a header",
    placeholder: "header",
  }),
  serveProxyAddresses: eachOf(
    list({
      group: "serve",
      says: "Addresses of the proxy that OIIO_SERVE_PROXY_HEADER is believed of.",
      env: "OIIO_SERVE_PROXY_ADDRESSES",
      allowed: "addresses or ranges such as 10.0.0.7 or 10.0.0.0/8 with commas between them",
      placeholder: "ranges",
    }),
    isAddressRange,
  ),
  serveProxyWriters: list({
    group: "serve",
    says: "Users named by the proxy who may write; * for all of them. The others read.",
    env: "OIIO_SERVE_PROXY_WRITERS",
    allowed: "names of users with commas between them, or *",
    placeholder: "users",
  }),
  serveHostNames: list({
    group: "serve",
    says: "Names by which browsers reach the server, besides localhost and addresses. Under any other name nobody is let in without a token, since a foreign page could have its name lead here.",
    env: "OIIO_SERVE_HOST_NAMES",
    allowed: "host names with commas between them",
    placeholder: "names",
  }),
  serveOrigins: eachOf(
    list({
      group: "serve",
      says: "Origins of other web pages that may call the API (CORS). Without it: none but the server's own.",
      env: "OIIO_SERVE_ORIGINS",
      allowed: "origins such as https://review.example.com with commas between them",
      placeholder: "origins",
    }),
    (origin) => ORIGIN.test(origin),
  ),
}

/** What the API signs and how much it takes. */
const LIMITS = {
  serveThumbnailSeconds: int({
    group: "serve",
    says: "How long an address of a thumbnail, poster or scrub sheet holds, in seconds.",
    env: "OIIO_SERVE_THUMBNAIL_SECONDS",
    default: 300,
    min: 10,
    max: 604_800,
    unit: "seconds",
  }),
  serveMovieSeconds: int({
    group: "serve",
    says: "How long an address of a proxy or movie holds, in seconds.",
    env: "OIIO_SERVE_MOVIE_SECONDS",
    default: 3600,
    min: 10,
    max: 604_800,
    unit: "seconds",
  }),
  servePrefixes: list({
    group: "serve",
    says: "What addresses are signed for: only outputs that begin with one of these, each bucket/prefix. Without it: all outputs in S3_BUCKETS, or in the folder, and where outputs go.",
    env: "OIIO_SERVE_PREFIXES",
    allowed: "bucket/prefix with commas between them",
    placeholder: "prefixes",
  }),
  serveRate: int({
    group: "serve",
    says: "Requests that one user, or one address, may make in a minute; what is more is answered 429.",
    env: "OIIO_SERVE_RATE",
    default: 60_000,
    min: 1,
    max: 100_000_000,
    unit: "requests a minute",
  }),
  serveBodyBytes: size({
    group: "serve",
    says: "Largest body of a request; what is larger is answered 413.",
    env: "OIIO_SERVE_BODY",
    flag: "--serve-body",
    default: 2 ** 20,
    min: 2 ** 10,
    max: 2 ** 26,
  }),
  serveConnections: int({
    group: "serve",
    says: "Connections at once, event streams included.",
    env: "OIIO_SERVE_CONNECTIONS",
    default: 4096,
    min: 1,
    max: 65_535,
    unit: "connections",
  }),
}

/** `serve`: the API, signed addresses and the console. */
export const SERVE = {
  serveHost: text<never>({
    group: "serve",
    says: "Address that the API and the console listen on. Any but a loopback address needs serveTokens, or OIIO_SERVE_PROXY_HEADER with OIIO_SERVE_PROXY_ADDRESSES.",
    env: "OIIO_SERVE_HOST",
    default: "127.0.0.1",
    allowed: "an address of this machine",
    placeholder: "address",
  }),
  servePort: int({
    group: "serve",
    says: "Port of the API and the console; 0 takes a free one.",
    env: "OIIO_SERVE_PORT",
    default: 8484,
    min: 0,
    max: 65_535,
    unit: "",
  }),
  ...ACCESS,
  ...LIMITS,
  serveSources: toggle({
    group: "serve",
    says: "Sign addresses of sources, too, not of outputs alone.",
    env: "OIIO_SERVE_SOURCES",
    default: false,
  }),
}
