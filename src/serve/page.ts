import { readFileSync } from "node:fs"
import type { FastifyReply } from "fastify"
import { refuse } from "./refusal.ts"
import type { RouteGroup } from "./serving.ts"

// The built console: dist/src/console/, beside src/ in a checkout, beside the command in the package.
const FOLDER = new URL(import.meta.url.endsWith(".ts") ? "../../dist/src/console/" : "../console/", import.meta.url)

/** Every file of the console, and its type. Nothing else is read from the folder, whatever the address says. */
const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/console/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/console/page.css": ["page.css", "text/css; charset=utf-8"],
} as const

/** Scripts and styles of its own, pictures and movies also from where addresses are signed for, calls to its server alone. */
const policyFor = (origins: readonly string[]): string => {
  const media = ["'self'", "blob:", "data:", ...origins].join(" ")
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${media}`,
    `media-src ${media}`,
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ")
}

const notBuilt = {
  status: 503,
  code: "serve/no-console",
  says: "The console was not built: run `make setup` in the checkout. The API answers without it.",
}

/** The console. */
export const page: RouteGroup = (app, { ports }) => {
  const answer = (reply: FastifyReply, name: string, type: string) => {
    const bytes = contentOf(name)
    if (bytes === null) return refuse(reply, notBuilt)
    const origins = ports.isOpen() ? ports.opened().addressOrigins : []
    return reply
      .header("content-security-policy", policyFor(origins))
      .header("cache-control", "no-cache")
      .type(type)
      .send(bytes)
  }
  for (const [path, [name, type]] of Object.entries(FILES))
    app.get(path, { config: { access: "open" }, schema: { hide: true } }, async (_, reply) => answer(reply, name, type))
}

/** Read each time: a build beside a running server is shown at once, and the files are few and small. */
function contentOf(name: string): Buffer | null {
  try {
    return readFileSync(new URL(name, FOLDER))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
    return null
  }
}
