import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { TOOLS, VERSIONS } from "../versions.ts"
import { installed } from "./cache.ts"
import { copyDependencies } from "./maven.ts"

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>services</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency("org.apache.kafka", "kafka_2.13", VERSIONS.kafka)}
    ${dependency("org.slf4j", "slf4j-simple", TOOLS.slf4jSimple)}
  </dependencies>
</project>
`

const build = async (folder: string): Promise<void> => {
  await writeFile(join(folder, "pom.xml"), POM)
  await copyDependencies(folder)
}

/** Folder whose `lib` is Kafka's class path. */
export const installKafka = (): Promise<string> => installed({ name: `kafka-${VERSIONS.kafka}`, build })
