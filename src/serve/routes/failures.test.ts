import { describe, expect, it } from "vitest"
import { elementRow } from "../../table/testing/rows.ts"
import { openTestServing } from "../testing/serving.ts"

const failedRow = (key: string, code: string) =>
  elementRow({ bucket: "bucket", key, state: "failed", failure_code: code, failure_says: `${key} is broken.` })

async function serving() {
  const test = await openTestServing()
  const rows = [1, 2, 3, 4, 5].map((number) =>
    failedRow(`sh010/a.${number}.exr`, number === 3 ? "tool/timed-out" : "picture/damaged"),
  )
  await test.merge({ elements: [...rows, elementRow({ bucket: "bucket", key: "sh010/done.exr", state: "done" })] })
  const page = async (query: string): Promise<{ keys: string[]; next: string | null }> => {
    const { body } = await test.get(`/api/v1/failures?${query}`)
    return { keys: body.failures.map(({ key }: { key: string }) => key), next: body.next_cursor }
  }
  return { ...test, page }
}

describe("what failed", () => {
  it("is listed a page at a time; what is settled meanwhile neither repeats nor hides another", async () => {
    const { page, merge } = await serving()
    const first = await page("limit=2")
    expect(first.keys).toEqual(["sh010/a.1.exr", "sh010/a.2.exr"])
    await merge({ elements: [elementRow({ ...failedRow("sh010/a.1.exr", "x"), state: "done", version_order: "9" })] })
    const second = await page(`limit=2&cursor=${first.next}`)
    expect(second.keys).toEqual(["sh010/a.3.exr", "sh010/a.4.exr"])
    expect(await page(`limit=2&cursor=${second.next}`)).toEqual({ keys: ["sh010/a.5.exr"], next: null })
  })

  it("is listed by code and by the beginning of keys, and counted by code", async () => {
    const { page, get } = await serving()
    expect((await page("code=tool/timed-out")).keys).toEqual(["sh010/a.3.exr"])
    expect((await page("bucket=bucket&prefix=sh020/")).keys).toEqual([])
    expect((await get("/api/v1/failures/codes")).body).toEqual({
      codes: [
        { code: "picture/damaged", count: 4 },
        { code: "tool/timed-out", count: 1 },
      ],
    })
  })

  it("refuses a cursor of another list", async () => {
    const { get } = await serving()
    expect(await get("/api/v1/failures?cursor=WyJrZXkiXQ")).toMatchObject({
      status: 400,
      body: { error: { code: "cursor/unknown" } },
    })
  })
})
