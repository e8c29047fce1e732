import type { S3Client } from "@aws-sdk/client-s3"

/**
 * versitygw looks at a file's size, its attributes and its bytes one after the other, by name: while somebody overwrites
 * the object, one answer may speak of two versions. Two answers in a row that agree speak of one.
 */
const PIECEWISE = /^versitygw/i

/** Calls `heard` once a server has called itself by a name that we know for that. */
export function watchForGateway(client: S3Client, heard: () => void): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      if (PIECEWISE.test(headerOf(answer.response, "server"))) heard()
      return answer
    },
    // Next to the wire, so that refusals are heard as well.
    { step: "deserialize", priority: "low", name: "watchForGateway" },
  )
}

/** A header of an HTTP answer, empty where there is none. Names are lower-case. */
export function headerOf(response: unknown, name: string): string {
  const headers = isObject(response) && isObject(response.headers) ? response.headers : {}
  const value = headers[name]
  return typeof value === "string" ? value : ""
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
