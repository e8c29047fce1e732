import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, it } from "vitest"
import { openTestServing } from "./testing/serving.ts"

type Operation = {
  readonly summary?: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>
}

type Document = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

async function opened() {
  const { app } = await openTestServing()
  return { app, document: app.swagger() as unknown as Document }
}

const operationsOf = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

/** Neither data nor a promise to anybody: the console's own files, and the document itself. */
const UNDESCRIBED = /^\/?(?:$|\*|console\/|openapi\.json)/

/** Routes out of a tree that is drawn with four letters for each level. */
function routesIn(tree: string): readonly { readonly method: string; readonly path: string }[] {
  const above: string[] = []
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", part, methods = ""] = /^([│├└─\s]*)(\S+?)(?: \((.+)\))?$/.exec(line) ?? []
    if (part === undefined) return []
    above.splice(indent.length / 4 - 1)
    above.push(part)
    return methods.split(", ").flatMap((method) => (method === "" ? [] : [{ method, path: above.join("") }]))
  })
}

describe("the document of the API", () => {
  it("is docs/openapi.json", async () => {
    const { document } = await opened()
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot("../../docs/openapi.json")
  })

  it("describes every route that there is", async () => {
    const { app, document } = await opened()
    const described = new Set(operationsOf(document).map(({ path, method }) => `${method.toUpperCase()} ${path}`))
    const routes = routesIn(app.printRoutes({ commonPrefix: false })).filter(
      ({ method, path }) => method !== "HEAD" && !UNDESCRIBED.test(path),
    )
    const spelled = routes.map(
      ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}").replace("*", "{*}")}`,
    )
    expect(spelled.length).toBeGreaterThan(10)
    // The tree draws it as a star alone.
    expect(described).toContain("GET /media/{bucket}/{*}")
    expect(spelled.filter((route) => !described.has(route))).toEqual([])
  })

  it("is OpenAPI 3.1: each operation says what it answers, and each schema is JSON Schema of 2020-12", async () => {
    const { document } = await opened()
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: expect.any(String), version: expect.any(String) },
    })
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
    for (const { path, operation } of operationsOf(document)) {
      expect(operation.summary, path).toEqual(expect.any(String))
      expect(Object.keys(operation.responses).length, path).toBeGreaterThan(0)
      const inPath = [...path.matchAll(/\{(.+?)\}/g)].map(([, name]) => name)
      const parameters = operation.parameters ?? []
      expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(inPath)
      const bodies = Object.values(operation.responses).flatMap(({ content = {} }) => Object.values(content))
      for (const { schema } of [...parameters, ...bodies]) ajv.compile(schema)
    }
  })
})
