/** What is known of a command of the pages beyond its words. Any command that is not named here is typed as it stands, and ends with 0. */
export type Declared =
  /** It is typed, and ends with this code, for that reason. */
  | { readonly code: number; readonly because: string }
  /** It goes on: it is typed, and Ctrl-C comes when it has said this. */
  | { readonly until: RegExp; readonly code: number }
  /** It asks servers: test/platform/pages.int.test.ts types it. */
  | { readonly servers: "answers" | "serves" | "intake" }
  /** It is not typed here: another test does, or nothing can. */
  | { readonly untyped: string }

const CI = { untyped: "CI runs it, or it takes minutes; the Makefile is asked whether it knows it." }
const PACKAGE = { untyped: "test/package.test.ts packs, installs and runs the package." }
const RELEASE = { untyped: "test/release.test.ts asks what it refuses, the tests of the packages what it tries." }
const README_SERVERS = { untyped: "test/services/command.int.test.ts types these lines of the README in order." }
const SERVICES = { untyped: "test/services/command.int.test.ts starts, asks, stops and wipes servers." }
const DOCKER = { untyped: "No container engine here: test/compose.test.ts has docker-compose read the file." }
const DAMAGED = { code: 1, because: "two of the frames are damaged" }

/** By the command's words, without its comment. */
export const DECLARED: Readonly<Record<string, Declared>> = {
  "make demo": CI,
  "make test": CI,
  "make check": CI,
  "make bench": CI,
  "make test-crash": CI,
  "make test-services": CI,
  "make fuzz-native": CI,

  "npm run release": RELEASE,
  "npm run --silent release -- verify out/release/VERSION/oiio-proxy-generator-VERSION.tgz && npm publish ./out/release/VERSION/oiio-proxy-generator-VERSION.tgz --access public":
    RELEASE,

  "npm pack": PACKAGE,
  "npm install /path/to/oiio-proxy-generator-VERSION.tgz": PACKAGE,
  "npx oiio-proxy-generator setup": PACKAGE,
  "oiio-proxy-generator setup": PACKAGE,
  "npx oiio-proxy-generator doctor shots/": PACKAGE,
  "npx oiio-proxy-generator run shots/": PACKAGE,

  "make services && source .cache/run/environment": README_SERVERS,
  "bin/oiio-proxy-generator topics create && bin/oiio-proxy-generator schemas register": README_SERVERS,
  "bin/oiio-proxy-generator ingest --serve": README_SERVERS,
  "bin/oiio-proxy-generator worker": README_SERVERS,
  "bin/oiio-proxy-generator projector": README_SERVERS,
  "scripts/services start": SERVICES,
  "source .cache/run/environment": SERVICES,
  "scripts/services status": SERVICES,
  "scripts/services logs -f trino": SERVICES,
  "scripts/services restart kafka": SERVICES,
  "scripts/services stop": SERVICES,
  "scripts/services wipe": SERVICES,
  "docker compose up --build": DOCKER,
  "docker compose up --build --detach --wait": DOCKER,
  "docker compose ps": DOCKER,
  "docker compose kill worker-1": DOCKER,
  "docker compose stop kafka": DOCKER,
  "docker compose up --detach --wait": DOCKER,
  "docker compose logs ingest worker-1 projector": DOCKER,
  "docker compose down": DOCKER,
  "docker compose down --volumes": DOCKER,

  "bin/oiio-proxy-generator run shots/": DAMAGED,
  "bin/oiio-proxy-generator run shots/ --review": DAMAGED,
  "oiio-proxy-generator run shots/": DAMAGED,
  "oiio-proxy-generator failures retry": DAMAGED,
  "oiio-proxy-generator reprocess --prefix sh010/": DAMAGED,

  "bin/oiio-proxy-generator run shots/ --watch": { until: /Watching .*\n/, code: 130 },
  "oiio-proxy-generator run shots/ --watch": { until: /Watching .*\n/, code: 130 },
  "bin/oiio-proxy-generator serve shots/": { until: /"serves"/, code: 130 },
  "oiio-proxy-generator serve shots/": { until: /"serves"/, code: 130 },
  "oiio-proxy-generator run shots/ --watch --serve": {
    until: /The console is at .*\nWatching /,
    code: 130,
  },
  "curl -N 'http://127.0.0.1:8484/api/v1/events?topics=proxy-made,element-failed&prefix=sh010/'": {
    until: /^id: /m,
    code: 130,
  },
  "oiio-proxy-generator serve --serve-host 0.0.0.0": { code: 2, because: "nobody would have to say who they are" },
  "bin/oiio-proxy-generator events --follow --dir shots/": { until: /element-created/, code: 130 },
  "oiio-proxy-generator events --follow": { until: /element-created/, code: 130 },

  'curl -H "webhook-id: msg_1" -H "webhook-timestamp: $now" -H "webhook-signature: v1,$mac" -d "$body" http://intake:8080/':
    { servers: "intake" },
  "oiio-proxy-generator contact-sheet --expires 12h": { servers: "answers" },
  "oiio-proxy-generator inspect s3://renders/beauty.0101.exr --json": { servers: "answers" },
  "oiio-proxy-generator schemas register": { servers: "answers" },
  "oiio-proxy-generator topics create --partitions 24 --replication-factor 3": { servers: "answers" },
  "oiio-proxy-generator topics check": { servers: "answers" },
  "oiio-proxy-generator ingest renders --prefix shots/sh010/": { servers: "answers" },
  "oiio-proxy-generator ingest --serve --intake-topics s3-events:versitygw": { servers: "serves" },
  "oiio-proxy-generator worker": { servers: "serves" },
  "oiio-proxy-generator projector": { servers: "serves" },
  "oiio-proxy-generator all --intake-topics s3-events:versitygw": { servers: "serves" },
}

/** A command without the words of its comment. */
export const wordsOf = (command: string): string => command.replace(/\s+# .*$/, "").trim()

export const declaredOf = (command: string): Declared | undefined => DECLARED[wordsOf(command)]
