import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { call, type Record as LogRecord, linesOf, recordsOf, rowsOf } from "./machine/answers.ts"
import { type Frames, openFrames } from "./machine/frames.ts"
import { type Ended, run } from "./machine/process.ts"

const CHECKOUT = fileURLToPath(new URL("..", import.meta.url))
const COPIED = ["bin", "src", "topology", "schemas", "package.json"]
const LINKED = ["node_modules", ".tools", "vendor"]

type Field = { readonly name: string; readonly [property: string]: unknown }
type Schema = { readonly fields: readonly Field[] }

let frames: Frames
beforeAll(async () => {
  frames = openFrames({ "a.exr": "window", "b.tif": "flower" })
  await call(["run", frames.dir])
})
afterAll(() => frames.remove())

/** A later version of this program: a copy of it with another schema of ProxyMade. */
function laterVersion(
  name: string,
  change: (schema: Schema) => Schema,
): (...argv: readonly string[]) => Promise<Ended> {
  const root = frames.beside(name)
  mkdirSync(root)
  for (const part of COPIED) cpSync(join(CHECKOUT, part), join(root, part), { recursive: true })
  for (const part of LINKED) symlinkSync(join(CHECKOUT, part), join(root, part))
  const path = join(root, "schemas/proxy-made.avsc")
  const schema: Schema = JSON.parse(readFileSync(path, "utf8"))
  writeFileSync(path, JSON.stringify(change(schema)))
  return (...argv) => run(argv, { program: join(root, "bin/oiio-proxy-generator"), cwd: dirname(root) })
}

it("facts of before a field was added replay as before, with the field's default", async () => {
  const before = await rowsOf(frames)
  const facts = await recordsOf(frames, "proxy-made")
  const grade: Field = {
    name: "grade",
    type: "string",
    default: "ungraded",
    doc: "Grade that the picture was made with.",
  }
  const later = laterVersion("later", ({ fields, ...schema }) => ({ ...schema, fields: [...fields, grade] }))
  expect((await later("schemas", "check")).code).toBe(0)
  const rebuilt = await later("rebuild", frames.dir, "--json")
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
  expect(await rowsOf(frames)).toEqual(before)
  const read = linesOf<LogRecord>((await later("events", "proxy-made", "--json", "--dir", frames.dir)).stdout)
  expect(read).toEqual(facts.map((fact) => ({ ...fact, value: { ...fact.value, grade: "ungraded" } })))
})

it("today's version reads what a later one wrote, without the field that it does not know", async () => {
  const grade: Field = {
    name: "grade",
    type: "string",
    default: "graded",
    doc: "Grade that the picture was made with.",
  }
  const later = laterVersion("latest", ({ fields, ...schema }) => ({ ...schema, fields: [...fields, grade] }))
  rmSync(frames.path(".proxies/a_thumb.jpg"))
  expect((await later("run", frames.dir)).stderr).toMatch(/^1 frame rendered/m)
  const facts = await recordsOf(frames, "proxy-made")
  expect(facts.length).toBe(3)
  for (const { value } of facts) expect(value).not.toHaveProperty("grade")
  const rebuilt = await call(["rebuild", frames.dir, "--json"])
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ missing: 0, different: 0, orphaned: 0 })
})

it("a version without a required field is refused by the compatibility check, which names the field", async () => {
  const later = laterVersion("poorer", ({ fields, ...schema }) => ({
    ...schema,
    fields: fields.filter(({ name }) => name !== "renderKey"),
  }))
  const { code, stdout, stderr } = await later("schemas", "check")
  expect(code).toBe(1)
  expect(stdout + stderr).toMatch(/proxy-made.*renderKey/s)
})
