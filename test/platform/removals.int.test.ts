import { afterAll, beforeAll, expect, it } from "vitest"
import { eventually } from "../machine/eventually.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { deleteFrame, keysIn, outputKey, outputsOf, putFrame } from "./uploads.ts"

const STAYS = "shots/sh010/stays.0001.exr"
const REPLACED = "shots/sh010/replaced.0001.exr"
const GONE = "shots/ünï +& 日本/gone.0001.exr"
const BACK = "shots/sh020/back.0001.exr"
const UNHEARD = "shots/sh020/unheard.0001.exr"
const ALL = [STAYS, REPLACED, GONE, BACK, UNHEARD].toSorted()

let deployment: Deployment
beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "removals", partitions: 3 })
})
afterAll(() => deployment.s3.destroy())

const shows = (what: string, keys: readonly string[]): Promise<void> =>
  eventually(what, async () => JSON.stringify(await deployment.currentKeys()) === JSON.stringify(keys))

const outputsIn = async (): Promise<readonly string[]> =>
  (await keysIn(deployment)).filter((key) => key.includes(".proxies/"))

const namesOf = (keys: readonly string[]): readonly string[] =>
  keys.flatMap((key) => [outputKey(key, "proxy"), outputKey(key, "thumb")]).toSorted()

/** Keys of `elements` in a state, and how many rows the history has of each key. */
async function tablesSay() {
  const { tables, sql } = deployment
  const removed = await sql(`SELECT "key" FROM ${tables}.elements WHERE state = 'removed' ORDER BY 1`)
  const history = await sql(`SELECT s3_key, count(*) FROM ${tables}.proxy_outputs GROUP BY 1 ORDER BY 1`)
  return { removed: removed.flat(), history: Object.fromEntries(history) as Readonly<Record<string, number>> }
}

it("what an ordinary client deletes leaves the views, by notification and by listing; prune deletes its outputs", async () => {
  await deployment.starts("worker")
  await deployment.starts("projector")
  const ingest = await deployment.starts("ingest --serve")
  for (const key of ALL) await putFrame(deployment, key, "window")
  await shows("every frame is current", ALL)

  await deleteFrame(deployment, GONE)
  await deleteFrame(deployment, BACK)
  await shows("what was deleted is gone", [STAYS, REPLACED, UNHEARD].toSorted())
  await putFrame(deployment, BACK, "shifted")
  await putFrame(deployment, REPLACED, "shifted")
  await shows("what came back is current", [STAYS, REPLACED, BACK, UNHEARD].toSorted())
  await eventually("the replaced frame has two versions", async () => (await tablesSay()).history[REPLACED] === 2)
  await deployment.settles()
  expect(await deployment.currentKeys()).toEqual([STAYS, REPLACED, BACK, UNHEARD].toSorted())

  expect((await ingest.stops()).code).toBe(0)
  await deleteFrame(deployment, UNHEARD)
  const [listed] = await deployment.asks<{ removed: number }>(`ingest ${deployment.bucket} --json`)
  expect(listed).toMatchObject({ removed: 1 })
  await shows("what no notification told of is gone, too", [STAYS, REPLACED, BACK].toSorted())
  await deployment.settles()
  const said = await tablesSay()
  expect(said.removed).toEqual([GONE, UNHEARD].toSorted())
  expect(said.history).toMatchObject({ [GONE]: 1, [UNHEARD]: 1, [STAYS]: 1 })
  expect((await deployment.status()).states).toEqual({ queued: 0, done: 3, failed: 0 })
  expect((await deployment.facts("element-removed")).map(({ element }) => element.key)).toEqual(
    expect.arrayContaining([GONE, BACK, UNHEARD]),
  )

  expect((await deployment.asks<{ key: string }>("prune --json")).map(({ key }) => key).toSorted()).toEqual(
    namesOf([GONE, UNHEARD]),
  )
  expect(await outputsIn()).toHaveLength(2 * ALL.length)
  await deployment.asks("prune --yes --json")
  expect((await outputsIn()).toSorted()).toEqual(namesOf([STAYS, REPLACED, BACK]))
  await outputsOf(deployment, BACK)
  expect((await deployment.asks<{ rows: number }>("rebuild --json"))[0]).toMatchObject({
    missing: 0,
    different: 0,
    orphaned: 0,
  })
  expect(await deployment.currentKeys()).toEqual([STAYS, REPLACED, BACK].toSorted())
}, 500_000)
