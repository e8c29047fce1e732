type Page = {
  readonly nextUri?: string
  readonly data?: readonly (readonly unknown[])[]
  readonly error?: { readonly errorName: string; readonly message: string }
}

const REQUEST_TIMEOUT_MS = 60_000

const ask = async (url: string, init: RequestInit): Promise<Page> => {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
  if (!response.ok) throw new Error(`Trino answers ${response.status}: ${await response.text()}`)
  return (await response.json()) as Page
}

/** Runs one statement to its end over Trino's REST protocol and answers its rows; rejects with Trino's error name. */
export const runSql = async (url: string, sql: string): Promise<readonly (readonly unknown[])[]> => {
  const rows: (readonly unknown[])[] = []
  let page = await ask(`${url}/v1/statement`, { method: "POST", body: sql, headers: { "X-Trino-User": "oiio" } })
  for (;;) {
    if (page.error !== undefined) throw new Error(`${page.error.errorName}: ${page.error.message}`)
    rows.push(...(page.data ?? []))
    if (page.nextUri === undefined) return rows
    page = await ask(page.nextUri, {})
  }
}
