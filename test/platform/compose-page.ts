import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { eventually } from "../machine/eventually.ts"
import { CHECKOUT } from "../machine/npm.ts"
import { PROGRAM } from "../machine/process.ts"
import { firstUnlike } from "../pages/answer.ts"
import type { Shown } from "../pages/blocks.ts"
import { type Answered, openShell, type Shell } from "../pages/shell.ts"
import { installOutsideClients, installPythonClients } from "../services/install/python-clients.ts"
import type { Containers } from "./containers.ts"

/** Ports that the compose file publishes, of which service, and which of its own they are. */
const PUBLISHED = {
  7070: ["s3", 7070],
  8081: ["registry", 8080],
  8082: ["trino", 8080],
  29092: ["kafka", 29092],
} as const

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** In the place of Kafka's own consumer, which is in no package that the tests' broker comes from. */
const FIRST_MESSAGE = `import kafka, sys
consumer = kafka.KafkaConsumer(sys.argv[1], bootstrap_servers=sys.argv[2], auto_offset_reset="earliest", consumer_timeout_ms=20000)
print(next(iter(consumer)).value.decode())
print("Processed a total of 1 messages")
`

/** `docker compose exec SERVICE PROGRAM ...`, where the services are processes of this machine: what each image's program is. */
async function standIn(containers: Containers): Promise<string> {
  const { environment = {} } = containers.service("projector")
  const settings = Object.entries(environment).map(([name, value]) =>
    quoted(`${name}=${containers.words("projector", value)}`),
  )
  const trino = `http://127.0.0.1:${containers.port("trino", 8080)}`
  return `#!/bin/bash
[[ "$1 $2" == "compose exec" ]] || { echo "no container engine here: $*" >&2; exit 2; }
program=$4
shift 4
case $program in
  bin/oiio-proxy-generator) exec env ${settings.join(" ")} ${quoted(PROGRAM)} "$@" ;;
  trino) printf '%s' "$2" > query.sql
    # Trino's own program quotes every value, and names no columns.
    PYTHONPATH=${await installOutsideClients()} python3 ${join(CHECKOUT, "examples/trino/query.py")} ${trino} query.sql | tr -d '\\r' | sed '1d; s/[^,][^,]*/"&"/g' ;;
  */kafka-console-consumer.sh)
    PYTHONPATH=${await installPythonClients()} exec python3 -c ${quoted(FIRST_MESSAGE)} "$4" 127.0.0.1:${containers.port("kafka", 9092)} ;;
  *) echo "unknown: $program" >&2; exit 2 ;;
esac
`
}

/** A reader's shell beside the services, in a folder with what the page takes from the checkout. */
export async function openComposeShell(containers: Containers, home: string, keys: string): Promise<Shell> {
  const root = join(home, "reader")
  mkdirSync(join(root, "bin"), { recursive: true })
  symlinkSync(join(CHECKOUT, "samples"), join(root, "samples"))
  writeFileSync(join(root, ".env"), keys)
  const docker = join(root, "bin/docker")
  writeFileSync(docker, await standIn(containers))
  chmodSync(docker, 0o755)
  const shell = openShell(root)
  return {
    types: (command, options) => shell.types(`PATH=${root}/bin:$PATH; ${onThisMachine(containers, command)}`, options),
  }
}

const onThisMachine = (containers: Containers, command: string): string =>
  command.replaceAll(/http:\/\/localhost:(\d+)/g, (address, number: string) => {
    const [service, port] = PUBLISHED[Number(number) as keyof typeof PUBLISHED] ?? []
    return service === undefined || port === undefined ? address : `http://127.0.0.1:${containers.port(service, port)}`
  })

/**
 * Types a line; where the page shows an answer, as often as a reader would who looks again: a frame takes its time. Says the
 * last answer where it never is as shown.
 */
export async function typedUntilShown(shell: Shell, { page, line, command, answer }: Shown): Promise<void> {
  let last: Answered | null = null
  if (answer === null) {
    const { code, all } = await shell.types(command)
    if (code !== 0) throw new Error(`${page}:${line} ends with ${code}: ${all}`)
    return
  }
  const isAsShown = async (): Promise<boolean> => {
    last = await shell.types(command)
    return last.code === 0 && firstUnlike(answer, last.stdout) === null
  }
  await eventually(`${page}:${line} answers as shown`, isAsShown).catch((error: Error) => {
    throw new Error(`${error.message}\n${last?.code}: ${last?.all}`)
  })
}
