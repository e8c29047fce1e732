import { currentSchemas, type WriterSchemas } from "../../events/codec.ts"
import { failure } from "../../events/failure.ts"
import { done, failed, type Result } from "../../events/result.ts"
import { FACT_TOPICS, type FactTopic } from "../../events/schemas.ts"
import { SETTINGS } from "../../kafka/index.ts"
import type { Clock } from "../../system/clock.ts"
import {
  type Answer,
  type Ask,
  askAtStart,
  type RegistryAccess,
  type RegistryAddress,
  registryAddress,
} from "./registry-http.ts"
import { type Names, namesWith } from "./topic-names.ts"

/** The one level under which every version reads every other. */
export const COMPATIBILITY = "FULL_TRANSITIVE"

/** How long an id that the registry does not know is not asked for again, and how many such ids are remembered. */
const MISSED_FOR_MS = 30_000
const MISSES_REMEMBERED = 1_000

/** Writer schemas by id: fetched once each, then answered from memory, through any outage of the registry. */
export type SchemaCache = {
  /** Makes `text` able to answer for this id. Fails registry/unreachable, registry/refused. */
  look(id: number): Promise<Result<void>>
  /** Whether `text` can answer already. */
  knows(id: number): boolean
  /** Text of a schema that was looked for; null for an id that the registry does not know. */
  readonly text: WriterSchemas
}

export function createSchemaCache(ask: Ask, clock: Clock): SchemaCache {
  const texts = new Map<number, string>()
  const missedUntilMs = new Map<number, number>()
  const knows = (id: number): boolean => texts.has(id) || (missedUntilMs.get(id) ?? 0) > clock.steadyMs()
  return {
    knows,
    text: (id) => texts.get(id) ?? null,
    look: async (id) => {
      if (knows(id)) return done(undefined)
      const answer = await ask({ method: "GET", path: `/schemas/ids/${id}` })
      if (!answer.ok) return answer
      const text = schemaIn(answer.value)
      if (text !== null) texts.set(id, text)
      else if (errorCodeIn(answer.value) !== 40403) return strange(`/schemas/ids/${id}`, answer.value)
      else {
        if (missedUntilMs.size >= MISSES_REMEMBERED) missedUntilMs.clear()
        missedUntilMs.set(id, clock.steadyMs() + MISSED_FOR_MS)
      }
      return done(undefined)
    },
  }
}

const textField = (body: unknown, name: string): string | null => {
  const value = body !== null && typeof body === "object" ? Reflect.get(body, name) : null
  return typeof value === "string" ? value : null
}

const numberField = (body: unknown, name: string): number | null => {
  const value = body !== null && typeof body === "object" ? Reflect.get(body, name) : null
  return typeof value === "number" ? value : null
}

const schemaIn = ({ status, body }: Answer): string | null => (status === 200 ? textField(body, "schema") : null)

const errorCodeIn = ({ body }: Answer): number | null => numberField(body, "error_code")

/** Not what a registry in order says; a proxy before one that restarts says such things, so it may pass. */
const strange = (path: string, { status, words }: Answer): Result<never> =>
  failed(failure("registry/unreachable", `${path} answers ${status}: ${words === "" ? "nothing" : words}.`))

/** Subject of a topic's values. */
export const subjectOf = (topic: FactTopic, names: Names): string => `${names.topic(topic)}-value`

/**
 * Ids under which the registry keeps this version's schemas, by topic. Fails registry/refused where the address is none
 * of a registry, a subject's compatibility is not FULL_TRANSITIVE, or a schema is not registered; registry/unreachable.
 */
export async function currentIds(
  ask: Ask,
  { url }: RegistryAddress,
  names: Names,
): Promise<Result<ReadonlyMap<FactTopic, number>>> {
  const root = await ask({ method: "GET", path: "/config" })
  if (!root.ok) return settingAtFault(root, url)
  if (textField(root.value.body, "compatibilityLevel") === null) {
    const says = `${SETTINGS.registry}: what answers at ${url} is no Confluent-compatible schema registry: GET ${url}/config answers ${root.value.status} without a compatibility level.`
    return failed(failure("registry/refused", says))
  }
  const found = await Promise.all(FACT_TOPICS.map((topic) => currentId(ask, topic, names)))
  const ids = new Map<FactTopic, number>()
  for (const [index, id] of found.entries()) {
    if (!id.ok) return settingAtFault(id, url)
    ids.set(FACT_TOPICS[index] as FactTopic, id.value)
  }
  return done(ids)
}

/** Whether the registry serves this version's schemas; fails as {@link currentIds}. */
export async function checkRegistry(
  access: RegistryAccess,
  prefix: string,
  clock: Pick<Clock, "steadyMs">,
): Promise<Result<number>> {
  const address = registryAddress(access)
  if (!address.ok) return address
  const ids = await currentIds(askAtStart(address.value, clock), address.value, namesWith(prefix))
  return ids.ok ? done(ids.value.size) : ids
}

const settingAtFault = ({ failure: problem }: { failure: ReturnType<typeof failure> }, url: string): Result<never> =>
  problem.says.includes(SETTINGS.registry)
    ? failed(problem)
    : failed({
        ...problem,
        says: `${SETTINGS.registry}: the schema registry at ${url} does not serve: ${problem.says}`,
      })

async function currentId(ask: Ask, topic: FactTopic, names: Names): Promise<Result<number>> {
  const subject = subjectOf(topic, names)
  const schema = currentSchemas.get(topic)
  const registered = await ask({ method: "POST", path: `/subjects/${encodeURIComponent(subject)}`, body: { schema } })
  if (!registered.ok) return registered
  const id = numberField(registered.value.body, "id")
  if (registered.value.status === 200 && id !== null) return rightLevel(ask, subject, id)
  if (registered.value.status !== 404) return strange(`/subjects/${subject}`, registered.value)
  const says = `${SETTINGS.registry}: this version's schema of ${subject} is not registered. Run \`schemas register\`.`
  return failed(failure("registry/refused", says))
}

async function rightLevel(ask: Ask, subject: string, id: number): Promise<Result<number>> {
  const level = await levelOf(ask, subject)
  if (!level.ok) return level
  if (level.value === COMPATIBILITY) return done(id)
  const says = `${SETTINGS.registry}: the compatibility of ${subject} is ${level.value ?? "not set"}, so that a version could be registered which nobody here can read. It must be ${COMPATIBILITY}: run \`schemas register\`.`
  return failed(failure("registry/refused", says))
}

/** Compatibility of one subject; null where it has none of its own. */
export async function levelOf(ask: Ask, subject: string): Promise<Result<string | null>> {
  const answer = await ask({ method: "GET", path: `/config/${encodeURIComponent(subject)}` })
  if (!answer.ok) return answer
  const level = textField(answer.value.body, "compatibilityLevel")
  if (answer.value.status === 404 || level !== null) return done(level)
  return strange(`/config/${subject}`, answer.value)
}
