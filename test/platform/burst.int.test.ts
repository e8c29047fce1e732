import { afterAll, beforeAll, expect, it } from "vitest"
import { partitionKey } from "../../src/events/fact.ts"
import type { Element } from "../../src/events/records.generated.ts"
import { eventually } from "../machine/eventually.ts"
import { sharedServices } from "../services/shared.ts"
import { type Deployment, deploy } from "./deployment.ts"
import { type Process, startStubWorker } from "./process.ts"
import { residentMb } from "./resident.ts"
import { atOnce, putBytes } from "./uploads.ts"

/** Files of one stem share an output name, and therefore a key. */
const STEMS = 1_250
const EXTENSIONS = ["exr", "dpx", "tif", "tiff"]
const ELEMENTS = STEMS * EXTENSIONS.length
const WITHIN_MS = 900_000

let deployment: Deployment

beforeAll(async () => {
  const servers = await sharedServices("kafka", "registry", "s3", "trino")
  deployment = await deploy(servers, { of: "burst", partitions: 6, env: { OIIO_RENDERS_IN_FLIGHT: "8" } })
})
afterAll(() => deployment.s3.destroy())

const stems = Array.from({ length: STEMS }, (_, number) => `shots/sh${number % 50}/beauty.${number}`)

const upload = (): Promise<void> =>
  atOnce(48, stems, async (stem) => {
    for (const extension of EXTENSIONS)
      await putBytes(deployment, `${stem}.${extension}`, `picture of ${stem}.${extension}`)
  })

/** Elements of each key in the order of a topic. A repeated fact of one element counts once. */
async function orderPerKey(topic: "element-created" | "proxy-made"): Promise<ReadonlyMap<string, readonly string[]>> {
  const order = new Map<string, Set<string>>()
  for (const { element } of (await deployment.facts(topic)) as readonly { readonly element: Element }[]) {
    const key = partitionKey(element)
    order.set(key, (order.get(key) ?? new Set()).add(element.elementId))
  }
  return new Map([...order].map(([key, ids]) => [key, [...ids]]))
}

type Sizes = { readonly [when in "start" | "middle" | "end"]: readonly number[] }

function report(names: readonly string[], { start, middle, end }: Sizes): void {
  const line = (name: string, at: number): string => `  ${name}: ${start[at]} ${middle[at]} ${end[at]}\n`
  process.stdout.write(`RSS at start, middle and end, MB\n${names.map(line).join("")}`)
}

it(
  "makes a burst of 5,000 elements with three workers, each once, each key in order, in flat memory",
  async () => {
    const named: readonly (readonly [string, Process])[] = [
      ["ingest", await deployment.starts("ingest --serve")],
      ["projector", await deployment.starts("projector")],
      ["worker 1", await startStubWorker(deployment.env)],
      ["worker 2", await startStubWorker(deployment.env)],
      ["worker 3", await startStubWorker(deployment.env)],
    ]
    const sizes = (): readonly number[] => named.map(([, { pid }]) => residentMb(pid))
    const start = sizes()
    const uploaded = upload()
    await eventually("half of them are made", async () => (await deployment.rowCount()) >= ELEMENTS / 2, WITHIN_MS)
    const middle = sizes()
    await uploaded
    await eventually("all of them are made", async () => (await deployment.rowCount()) >= ELEMENTS, WITHIN_MS)
    await deployment.settles()
    const end = sizes()
    report(
      named.map(([name]) => name),
      { start, middle, end },
    )

    const keys = (await deployment.rows()).map(({ s3_key }) => s3_key)
    const expected = stems.flatMap((stem) => EXTENSIONS.map((extension) => `${stem}.${extension}`))
    expect(keys.toSorted()).toEqual(expected.toSorted())
    expect(await orderPerKey("proxy-made")).toEqual(await orderPerKey("element-created"))
    expect(await deployment.facts("element-failed")).toEqual([])
    for (const [at, mb] of end.entries()) expect(mb).toBeLessThan(1.5 * (middle[at] ?? 0) + 50)
    for (const [, process] of named) expect(await process.stops()).toMatchObject({ code: 0 })
  },
  2 * WITHIN_MS,
)
