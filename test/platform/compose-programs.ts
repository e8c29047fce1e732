import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { PROGRAM } from "../machine/process.ts"
import { findJava, hasModule } from "../services/install/java.ts"
import { installKafka } from "../services/install/kafka.ts"
import { installRegistry } from "../services/install/registry.ts"
import { installS3 } from "../services/install/s3.ts"
import { installTrino } from "../services/install/trino.ts"
import type { Containers, Program } from "./containers.ts"

/** What the images of docker-compose.yml run, from the packages that the other tests' servers come from. */

const JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]

const java = async (...args: readonly string[]): Promise<Program> => ({
  file: join(await findJava(), "bin/java"),
  args: [...JVM, ...args],
})

const kafkaClasses = async (main: string, ...args: readonly string[]): Promise<Program> =>
  java("-Xmx256m", "-cp", join(await installKafka(), "lib/*"), main, ...args)

/** Folder of what a container finds in its image, and may not write to. */
const imageFolder = (home: string, name: string): string => {
  const folder = join(home, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * The image's two steps: its wrapper turns the variables into server.properties and formats the log, then the broker
 * starts. The settings are written beside the programs, which is what the compose file has a tmpfs for.
 */
export async function startKafkaContainer(containers: Containers, home: string): Promise<void> {
  const defaults = imageFolder(home, "kafka-defaults")
  for (const name of ["server.properties", "log4j2.yaml", "tools-log4j2.yaml"]) writeFileSync(join(defaults, name), "")
  const config = containers.words("kafka", "/opt/kafka/config")
  const folders = ["--default-configs-dir", defaults, "--mounted-configs-dir", defaults, "--final-configs-dir", config]
  const env = { CLUSTER_ID: "5L6g3nShT-eMCtK--X86sw" }
  await containers.completes("kafka", {
    ...(await kafkaClasses("kafka.docker.KafkaDockerWrapper", "setup", ...folders)),
    env,
  })
  containers.starts("kafka", await kafkaClasses("kafka.Kafka", join(config, "server.properties")))
}

export async function startRegistryContainer({ starts, port, words }: Containers): Promise<void> {
  const temporary = words("registry", "/tmp")
  starts("registry", {
    ...(await java(
      "-Xmx192m",
      `-Djava.io.tmpdir=${temporary}`,
      "-jar",
      join(await installRegistry(), "quarkus-run.jar"),
    )),
    env: {
      QUARKUS_HTTP_HOST: "127.0.0.1",
      QUARKUS_HTTP_PORT: String(port("registry", 8080)),
      QUARKUS_MANAGEMENT_HOST: "127.0.0.1",
      QUARKUS_MANAGEMENT_PORT: String(port("registry", 9000)),
    },
  })
}

export async function startS3Container({ starts }: Containers): Promise<void> {
  starts("s3", { file: join(await installS3(), "versitygw"), args: [] })
}

/** The image's own settings are for one node of a whole machine's size; the catalogue is the compose file's. */
export async function startTrinoContainer({ starts, port, words }: Containers, home: string): Promise<void> {
  const etc = imageFolder(home, "trino-etc")
  const [javaHome, server] = await Promise.all([findJava(), installTrino()])
  const files = {
    "node.properties": `node.environment=docker\nnode.data-dir=${words("trino", "/data/trino")}\nnode.bind-ip=127.0.0.1\nnode.internal-address=127.0.0.1\nplugin.dir=${join(server, "plugin")}\n`,
    "config.properties": `coordinator=true\nnode-scheduler.include-coordinator=true\ndiscovery.uri=http://127.0.0.1:${port("trino", 8080)}\nhttp-server.http.port=${port("trino", 8080)}\nweb-ui.enabled=false\nquery.max-memory-per-node=256MB\nmemory.heap-headroom-per-node=128MB\n`,
    "jvm.config": [
      ...["-Xmx1G", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ReservedCodeCacheSize=192M"],
      ...["-Djdk.attach.allowAttachSelf=true", "-Dfile.encoding=UTF-8", `-Djava.io.tmpdir=${words("trino", "/tmp")}`],
      ...["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"],
      ...(hasModule(javaHome, "jdk.incubator.vector") ? ["--add-modules=jdk.incubator.vector"] : []),
      "",
    ].join("\n"),
    "catalog/vast.properties": words(
      "trino",
      readFileSync(words("trino", "/etc/trino/catalog/vast.properties"), "utf8"),
    ),
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(etc, name)), { recursive: true })
    writeFileSync(join(etc, name), content)
  }
  const args = ["run", "-etc-dir", etc, "-jvm-dir", javaHome]
  starts("trino", { file: join(server, "bin/launcher"), args })
}

/** The command of a checkout, at ports that are free; PATH brings the Node that the image has. */
export const ourProgram = ({ port }: Containers, service: string): Program => ({
  file: PROGRAM,
  args: [],
  env: {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    OIIO_HTTP_HOST: "127.0.0.1",
    OIIO_HTTP_PORT: String(port(service, 9464)),
    OIIO_INTAKE_PORT: String(port(service, 8080)),
  },
})
